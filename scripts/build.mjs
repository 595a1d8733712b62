// Builds what people touch into dist/public: the console, the API reference and the browser client.
// Files are written whole and renamed, so that a server that runs meanwhile never sees half of one.
import { mkdirSync } from "node:fs";

const OUT = "dist/public";

mkdirSync(OUT, { recursive: true });
