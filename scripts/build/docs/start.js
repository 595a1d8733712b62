// Draws the API reference from /openapi.json, in the colours that the system prefers.
import "openapi-explorer";

const COLOURS = {
  light: {
    "bg-color": "#ffffff",
    "text-color": "#22262a",
    "primary-color": "#0b5f7a",
    "secondary-color": "#0b5f7a",
    "nav-bg-color": "#f3f5f6",
    "nav-text-color": "#22262a",
    "nav-hover-text-color": "#0b5f7a",
  },
  dark: {
    "bg-color": "#16191b",
    "text-color": "#e4e6e6",
    "primary-color": "#6cc4e0",
    "secondary-color": "#6cc4e0",
    "nav-bg-color": "#1c2022",
    "nav-text-color": "#e4e6e6",
    "nav-hover-text-color": "#6cc4e0",
  },
};
const place = document.getElementById("reference");
const dark = matchMedia("(prefers-color-scheme: dark)");

const explorer = document.createElement("openapi-explorer");
explorer.setAttribute("collapse", "");
explorer.setAttribute("schema-expand-level", "1");

/** The library writes code on a dark page in a dark red. */
const sheet = new CSSStyleSheet();
sheet.replaceSync(".m-markdown code, .m-markdown-small code { color: inherit; }");

function applyColours() {
  for (const [name, colour] of Object.entries(COLOURS[dark.matches ? "dark" : "light"]))
    explorer.setAttribute(name, colour);
}

/** Nothing is filled in that a caller may leave out, such as an Idempotency-Key that was used before. */
function withoutOptionalSamples(openApi) {
  for (const operation of Object.values(openApi.paths).flatMap((path) => Object.values(path))) {
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.required) delete parameter.examples;
    }
  }
  return openApi;
}

applyColours();
dark.addEventListener("change", applyColours);
const response = await fetch("/openapi.json");
if (response.ok) {
  place.append(explorer);
  await explorer.updateComplete;
  explorer.shadowRoot.adoptedStyleSheets.push(sheet);
  explorer.loadSpec(withoutOptionalSamples(await response.json()));
} else {
  place.textContent = `The document cannot be read: ${response.status}.`;
}
