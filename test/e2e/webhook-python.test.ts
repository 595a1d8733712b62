// The verification that README.md shows in Python, run as it stands there, where there is a Python.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { describe, it } from "vitest";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"channel.test","data":{"text":"Zoë 😀"}}';
const hasPython = spawnSync("python3", ["--version"]).status === 0;

function verify(body: string, signature: string, timestamp: number) {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
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
