// Draws the API reference from /openapi.json, in the colours that the system prefers.
const dark = matchMedia("(prefers-color-scheme: dark)");
const applyColours = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

applyColours();
dark.addEventListener("change", applyColours);

globalThis.SwaggerUIBundle({
  url: "/openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  filter: true,
  tryItOutEnabled: true,
  // The badge would send the document's address to a validator on the web.
  validatorUrl: null,
});
