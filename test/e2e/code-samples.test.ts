// The code that the API reference shows, pasted and run: every sample does what its route's first example says.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { beforeAll, describe, it } from "vitest";
import { sharedWorld, type World } from "../support/node/world";

interface Sample {
  readonly lang: string;
  readonly source: string;
}
interface Operation {
  readonly operationId: string;
  readonly "x-codeSamples": readonly Sample[];
}

let serentak: World["server"];
let operations: Operation[];
beforeAll(async () => {
  ({ server: serentak } = await sharedWorld());
  const document = (await (await fetch(`${serentak.origin}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  operations = Object.values(document.paths).flatMap((path) => Object.values(path));
});

/** Runs a program, and resolves with what it printed. */
async function run(command: string, args: readonly string[]) {
  const env = { ...process.env, URL: serentak.origin, TOKEN: "dev" };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [exit, out, err] = await Promise.all([code, text(child.stdout), text(child.stderr)]);
  return { exit, out, err };
}

const RUNNERS: Readonly<Record<string, (source: string) => ReturnType<typeof run>>> = {
  Shell: (source) => run("bash", ["-c", source]),
  JavaScript: (source) =>
    run(process.execPath, [
      "--input-type=module",
      "-e",
      `const { URL, TOKEN } = process.env;\n${source}`,
    ]),
  Python: (source) =>
    run("python3", [
      "-c",
      `import os\nURL, TOKEN = os.environ["URL"], os.environ["TOKEN"]\n${source}`,
    ]),
};

describe.for(["Shell", "JavaScript", "Python"])("samples in %s", (lang) => {
  // What they create, transform and list tells that path, query, headers and body arrived.
  it.for(["createUser", "processData", "listUsers", "listOperations"])(
    "do what the example of %s says",
    async (operationId, { expect }) => {
      const operation = operations.find((one) => one.operationId === operationId);
      const sample = operation?.["x-codeSamples"].find((one) => one.lang === lang);
      const { exit, out, err } = await (RUNNERS[lang]?.(sample?.source ?? "") ??
        Promise.reject(new Error(lang)));
      expect(exit, err).toBe(0);
      const json: unknown = JSON.parse(out.slice(out.indexOf("{")));
      // A refusal has a code. The second sign-up with the same key gets the first reply again.
      expect(json).not.toHaveProperty("code");
    },
  );
});
