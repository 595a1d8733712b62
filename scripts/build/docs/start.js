// Draws the API reference from /openapi.json, in the colours that the system prefers.
const place = document.getElementById("reference");
const dark = matchMedia("(prefers-color-scheme: dark)");
const applyColours = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

applyColours();
dark.addEventListener("change", applyColours);

/** Nothing is filled in that a caller may leave out, such as an Idempotency-Key that was used before. */
function withoutOptionalSamples(openApi) {
  for (const operation of Object.values(openApi.paths).flatMap((path) => Object.values(path))) {
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.required) delete parameter.examples;
    }
  }
  return openApi;
}

const response = await fetch("/openapi.json");
if (response.ok) {
  globalThis.SwaggerUIBundle({
    spec: withoutOptionalSamples(await response.json()),
    domNode: place,
    deepLinking: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
    filter: true,
    tryItOutEnabled: true,
    // The badge would send the document's address to a validator on the web.
    validatorUrl: null,
  });
} else {
  place.textContent = `The document cannot be read: ${response.status}.`;
}
