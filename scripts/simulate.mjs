// `npm run simulate`: bundles test/schedules/main.ts, whose imports name no extensions, and runs it.
import { build } from "esbuild";

const outfile = "dist/simulate.mjs";
await build({
  entryPoints: ["test/schedules/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "warning",
});
await import(`../${outfile}`);
