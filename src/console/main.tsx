// The entry point: renders the console.
import { render } from "preact";
import { App } from "./app";

const place = document.getElementById("console");
if (place === null) throw new Error("Cannot show the console: the page has no place for it");
place.replaceChildren();
render(<App />, place);
