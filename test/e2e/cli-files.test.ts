// The command line and files: bytes that are kept, results that replace a file whole or not at all, and
// servers that die, hang or lie meanwhile.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, it } from "vitest";

import { type Outcome, start } from "../support/node/command-line";
import { sharedWorld, type World } from "../support/node/world";

let server: World["server"];
let folder: string;
const liars: Server[] = [];

beforeAll(async () => {
  ({ server } = await sharedWorld());
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "serentak-files-"));
});
afterEach(async () => {
  for (const liar of liars.splice(0)) {
    liar.closeAllConnections();
    liar.close();
  }
  await rm(folder, { recursive: true });
});

function serentak(args: readonly string[], input?: string | Uint8Array): Promise<Outcome> {
  return start(server.origin, args, input).done;
}

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A server that answers as it is told to. Resolves with its origin. */
async function liar(answer: RequestListener): Promise<string> {
  const made = createServer(answer);
  liars.push(made);
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((made.address() as AddressInfo).port)}`;
}

const OVER = {
  id: "b1",
  status: "completed",
  total: 2,
  succeeded: 2,
  failed: 0,
  pending: 0,
  started_at: null,
  finished_at: "2026-01-01T00:00:00.000Z",
  items_per_second: null,
  eta_ms: null,
  summary: null,
  summary_error: null,
};
const END = `event: progress\ndata: ${JSON.stringify(OVER)}\n\nevent: end\ndata: ${JSON.stringify(OVER)}\n\n`;

/** A server whose batch is over, and whose results are answered so. */
function withResults(answer: RequestListener): Promise<string> {
  return liar((request, response) => {
    if (request.url?.endsWith("/events"))
      response.writeHead(200, { "Content-Type": "text/event-stream" }).end(END);
    else if (request.url?.includes("/results")) answer(request, response);
    else response.writeHead(202, { "Content-Type": "application/json" }).end('{"id":"b1"}');
  });
}

const UPPERCASE = ["--operation", "uppercase"];

describe("input", () => {
  const LATIN = Buffer.from("Ada\nJos\u00e9\n", "latin1");

  it("with a bad row is refused by the line on which that row begins", async ({ expect }) => {
    const csv =
      'name,email\n"Ada\nof\nLondon",ada@example.com\n"Dewi\nof Bali",no address\nJo,jo@\n';
    const args = ["batch", await fileOf("people.csv", csv), "--operation", "users"];

    const { code, err } = await serentak(args);

    expect(code).not.toBe(0);
    expect(err).toMatch(/ line 2, name: .* line 5, name: .* line 5, email: /s);
    expect(err).not.toContain("#/items");
  });

  it("that is no UTF-8 is refused by its line, and read as what it is", async ({ expect }) => {
    const path = await fileOf("names.txt", LATIN);
    const refused = await serentak(["batch", path, ...UPPERCASE]);
    expect(refused).toMatchObject({ code: 2, out: "" });
    expect(refused.err).toContain("names.txt, line 2 is not UTF-8");
    expect(refused.err).toContain("José");
    expect(refused.err).toContain("--encoding windows-1252");
    const encoding = ["--encoding", "windows-1252"];
    const read = await serentak(["batch", path, ...UPPERCASE, ...encoding, "--out", "-"]);
    expect(read.code).toBe(0);
    expect(read.out).toContain('"output":"JOSÉ"');
    expect(await serentak(["process", "uppercase", ...encoding], LATIN)).toMatchObject({
      code: 0,
      out: "ADA\nJOSÉ\n",
    });
    expect((await serentak(["process", "uppercase"], LATIN)).code).toBe(2);
  });

  it("is read by its byte order mark", async ({ expect }) => {
    const utf16 = Buffer.from("\uFEFFé\r\n", "utf16le");
    const utf8 = Buffer.from("\uFEFFé\r\n");
    for (const bytes of [utf16, utf16.subarray().swap16(), utf8])
      expect((await serentak(["process", "uppercase"], bytes)).out).toBe("É\n");
  });

  it("of an encoding that there is not is refused", async ({ expect }) => {
    const { code, err } = await serentak(["process", "trim", "--encoding", "utf-9"], "a");
    expect(code).toBe(2);
    expect(err).toContain("There is no encoding utf-9");
  });

  it("in columns by tabs is a file of records", async ({ expect }) => {
    const path = await fileOf("people.tsv", "name\temail\nAda, Countess\tada@files.example\n");
    const { code, out } = await serentak(["batch", path, "--operation", "users", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ succeeded: 1, failed: 0 });
    expect(code).toBe(0);
  });

  it("of rows is sent to an API, and comes back beside what it was", async ({ expect }) => {
    const rows = Array.from({ length: 300 }, (_, n) => `${n};Zo\u00eb ${n};${n * 2}`);
    const path = await fileOf("rows.csv", ["id;name;price", ...rows].join("\n"));
    const out = join(folder, "joined.csv");
    const template = JSON.stringify({
      url: `${server.origin}/process-data?q={name}`,
      select: "limits.items",
    });
    const args = ["--template", template, "--out", out, "--input", "--label", "prices"];
    const outcome = await serentak(["batch", path, "--operation", "external-api", ...args]);
    expect(outcome.err).toContain("300 items");
    const lines = (await readFile(out, "utf8")).trimEnd().split("\r\n");
    expect(lines).toHaveLength(301);
    expect(lines[0]).toBe("\uFEFFindex,id,name,price,status,output,error,attempts");
    expect(lines[8]).toMatch(/^7,7,Zo\u00eb 7,14,succeeded,/);
  });
});

describe("the file of results", () => {
  const RESULT = '{"index":0,"status":"succeeded","output":"A","attempts":1}\n';

  async function failing(origin: string): Promise<Outcome> {
    const path = await fileOf("kept.ndjson", "yesterday's\n");
    return start(origin, ["batch", "-", ...UPPERCASE, "--out", path], "a").done;
  }

  it("is yesterday's until a run has all of them", async ({ expect }) => {
    const dying = await withResults((_, response) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" });
      response.write(RESULT, () => response.destroy());
    });
    const portal = await withResults((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Log in</h1>");
    });
    const refusing = await withResults((_, response) => {
      response.writeHead(404, { "Content-Type": "application/json" }).end("{}");
    });
    for (const [origin, code] of [
      [dying, 4],
      [portal, 3],
      [refusing, 3],
    ] as const) {
      expect((await failing(origin)).code).toBe(code);
      expect(await readFile(join(folder, "kept.ndjson"), "utf8")).toBe("yesterday's\n");
      expect(await readdir(folder)).toEqual(["kept.ndjson"]);
    }
  });

  it.for([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("stays when %s comes in the middle", async ([signal, code], { expect }) => {
    const path = await fileOf("kept.ndjson", "yesterday's\n");
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const hanging = await withResults((_, response) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" });
      response.write(RESULT, begin);
    });
    const { child, done } = start(hanging, ["batch", "-", ...UPPERCASE, "--out", path], "a");
    await begun;
    child.kill(signal);
    const outcome = await done;
    expect(outcome.code).toBe(code);
    expect(outcome.err).toContain(`serentak follow b1 --out ${path}`);
    expect(await readFile(path, "utf8")).toBe("yesterday's\n");
    expect(await readdir(folder)).toEqual(["kept.ndjson"]);
  });

  it("keeps its mode, and a link stays a link", async ({ expect }) => {
    const path = await fileOf("secret.ndjson", "");
    await serentak(["process", "--list"]);
    await rm(path);
    await writeFile(path, "yesterday's\n", { mode: 0o600 });
    const link = join(folder, "link.ndjson");
    await symlink(path, link);
    const { code } = await serentak(["batch", "-", ...UPPERCASE, "--out", link], "a");
    expect(code).toBe(0);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(path, "utf8")).toContain('"output":"A"');
    expect((await stat(path)).mode.toString(8)).toMatch(/600$/);
  });

  it.for(["-", "/dev/stdout"])("may be %s, which then holds nothing else", async (out, ctx) => {
    const outcome = await serentak(["batch", "-", ...UPPERCASE, "--out", out], "a\nb");
    ctx.expect(outcome.code).toBe(0);
    const lines = outcome.out.trim().split("\n");
    ctx
      .expect(lines.map((line): unknown => JSON.parse(line)))
      .toMatchObject([{ output: "A" }, { output: "B" }]);
    ctx.expect(outcome.err).toContain("2 items succeeded");
    const both = ["--out", out, "--json"];
    ctx.expect((await serentak(["batch", "-", ...UPPERCASE, ...both], "a")).code).toBe(2);
  });

  it("on a full disk is a failure", async ({ expect }) => {
    const full = ["--out", "/dev/full"];
    const { code, err } = await serentak(["batch", "-", ...UPPERCASE, ...full], "a");
    expect(code).toBe(2);
    expect(err).toContain("Cannot write /dev/full: the disk is full.");
  });
});

describe("standard output", () => {
  it("that is full is a failure", async ({ expect }) => {
    const shell = await start(server.origin, ["process", "uppercase", "a"], "", "/dev/full").done;
    expect(shell.code).toBe(2);
    expect(shell.err).toContain("Cannot write standard output: the disk is full.");
  });

  it("that is closed early is none", async ({ expect }) => {
    const { child, done } = start(server.origin, ["process", "--list"]);
    child.stdout?.destroy();
    expect((await done).code).toBe(0);
  });
});

describe("a server that is none of ours", () => {
  it("is refused, whatever it says", async ({ expect }) => {
    const portal = await liar((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Log in</h1>");
    });
    const stranger = await liar((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"hello":1}');
    });
    const commands = [
      ["process", "uppercase", "a"],
      ["fetch", "http://a.example"],
      ["batch", "-", ...UPPERCASE],
      ["status", "b1"],
      ["follow", "b1"],
      ["results", "b1"],
      ["users"],
      ["channels"],
    ];
    for (const origin of [portal, stranger]) {
      const outcomes = await Promise.all(commands.map((args) => start(origin, args, "a").done));
      expect(outcomes.map(({ code }) => code)).toEqual(commands.map(() => 3));
      for (const { out, err } of outcomes) {
        expect(out).toBe("");
        expect(err).toContain("unexpected-reply");
      }
    }
  });

  it("that is lost and found again is waited for", async ({ expect }) => {
    let connections = 0;
    const origin = await liar((request, response) => {
      if (!request.url?.endsWith("/events")) return response.writeHead(404).end();
      connections += 1;
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      if (connections > 1) return response.end(END);
      const running = { ...OVER, status: "running", pending: 1, succeeded: 1, finished_at: null };
      const progress = `retry: 1\nid: 1\nevent: progress\ndata: ${JSON.stringify(running)}\n\n`;
      return response.write(progress, () => response.destroy());
    });
    const { code, err } = await start(origin, ["follow", "b1"]).done;
    expect(code).toBe(0);
    expect(err).toContain("Connection lost, trying again …\nConnected again.\n");
  });
});
