// The verification that README.md shows, run as it stands there (in Python where there is one), and shown by
// the API reference alike.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { describe, it } from "vitest";

import { VERIFY_IN_JAVASCRIPT, VERIFY_IN_PYTHON } from "../../src/reference/verify-webhook";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"channel.test","data":{"text":"Zoë 😀"}}';
const hasPython = spawnSync("python3", ["--version"]).status === 0;

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

function verify(body: string, signature: string, timestamp: number) {
  const [, code = ""] = /```python\n(.*?)```/s.exec(readme) ?? [];
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
  };
  const call =
    "import json, sys\ngiven = json.load(sys.stdin)\nverify(given['secret'], given['body'].encode(), given['headers'])";
  const input = JSON.stringify({ secret: SECRET, body, headers });
  return spawnSync("python3", ["-c", `${code}\n${call}`], { input, encoding: "utf8" }).status;
}

describe.skipIf(!hasPython)("the Python of README.md", () => {
  const now = Math.floor(Date.now() / 1000);
  const sign = (at: number) => new Webhook(SECRET).sign("msg_1", new Date(at * 1000), BODY);

  it("takes what is genuine, also beside the signature of another secret", ({ expect }) => {
    expect(verify(BODY, sign(now), now)).toBe(0);
    expect(verify(BODY, `v1,AAAA ${sign(now)}`, now)).toBe(0);
  });

  it("refuses what is not, and what is old", ({ expect }) => {
    expect(verify(`${BODY} `, sign(now), now)).toBe(1);
    expect(verify(BODY, sign(now - 600), now - 600)).toBe(1);
  });
});

it("the API reference shows what README.md does", ({ expect }) => {
  for (const code of [VERIFY_IN_JAVASCRIPT, VERIFY_IN_PYTHON]) expect(readme).toContain(code);
  const document = readFileSync(
    new URL("../../dist/public/data/openapi.json", import.meta.url),
    "utf8",
  );
  for (const code of [VERIFY_IN_JAVASCRIPT, VERIFY_IN_PYTHON])
    expect(document).toContain(JSON.stringify(code).slice(1, -1));
});

it("the JavaScript of README.md takes what is genuine alone", async ({ expect }) => {
  const url = `data:text/javascript,${encodeURIComponent(`
    import { Webhook } from "${import.meta.resolve("standardwebhooks")}";
    export function verify(process, rawBody, headers) {
      ${VERIFY_IN_JAVASCRIPT.replace(/^import .*$/m, "")}
      return event;
    }`)}`;
  // The text above is its source.
  const { verify: run } = (await import(/* @vite-ignore */ url)) as {
    verify: (process: unknown, rawBody: string, headers: unknown) => unknown;
  };
  const process = { env: { OPS_SECRET: SECRET } };
  const at = new Date();
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(SECRET).sign("msg_1", at, BODY),
  };
  expect(run(process, BODY, headers)).toEqual(JSON.parse(BODY));
  expect(() => run(process, `${BODY} `, headers)).toThrow();
});
