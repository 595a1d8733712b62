// `npm run soak -- [--minutes N] [--seed N]`: the soak of test/e2e/soak.test.ts, for longer.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
  },
});

console.log(`Soaking for ${values.minutes} minutes; to repeat: --seed ${values.seed}`);
const args = ["run", "--root", ".", "-c", "test/vitest.config.ts", "--project", "e2e"];
const { status } = spawnSync("vitest", [...args, "--silent=false", "test/e2e/soak.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, SOAK_MINUTES: values.minutes, SOAK_SEED: values.seed },
});
process.exit(status ?? 1);
