#!/usr/bin/env node
// Starts the command line, which `npm ci` and `npm run build` make of src/cli.
import { existsSync } from "node:fs";
import process from "node:process";

const built = new URL("../dist/cli.mjs", import.meta.url);

if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write("serentak: not built yet. Run npm run build.\n");
  process.exitCode = 2;
}
