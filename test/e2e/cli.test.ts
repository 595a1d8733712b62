// The command line against `npm start`: what it prints, the files it writes, and its exit codes.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";

import { type Outcome, start } from "../support/node/command-line";
import { freePort } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

const TOKEN = { authorization: "Bearer dev" };

let server: World["server"];
let upstreams: Upstreams;
let folder: string;

beforeAll(async () => {
  upstreams = await startUpstreams();
  ({ server } = await sharedWorld());
  folder = await mkdtemp(join(tmpdir(), "serentak-cli-"));
});
afterAll(async () => {
  await Promise.all([upstreams.close(), rm(folder, { recursive: true })]);
});

function serentak(args: readonly string[], input = ""): Promise<Outcome> {
  return start(server.origin, args, input).done;
}

/** Writes a file of the test's own, and returns its path. */
async function fileOf(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("help", () => {
  it("lists the commands, which explain themselves with examples", async ({ expect }) => {
    const { code, out } = await serentak(["--help"]);
    expect(code).toBe(0);
    const names =
      "fetch process batch follow results list status pause resume cancel delete users tasks channels notifications".split(
        " ",
      );
    const helps = await Promise.all(names.map((name) => serentak([name, "--help"])));
    helps.forEach((help, index) => {
      expect(help.code).toBe(0);
      expect(out).toContain(`\n  ${names[index] ?? ""} `);
      expect(help.out).toContain(`serentak ${names[index] ?? ""}`);
      expect(help.out).toContain("Examples");
    });
    const lines = [out, ...helps.map((help) => help.out)].join("\n").split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("is not needed to learn the version", async ({ expect }) => {
    const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
    expect(await serentak(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it.for([
    [["flush"], 'no command "flush"'],
    [["bacth"], 'no command "bacth". Did you mean batch?'],
    [["fetch"], "at least one URL"],
    [["fetch", "--request", "/nowhere/calls.json"], "Cannot read /nowhere/calls.json"],
    [["fetch", "--request", "-", "http://a.example"], "either URLs or --request"],
    [["fetch", "--colour", "red"], "There is no option --colour.\nserentak fetch --help"],
    [["fetch", "--retires", "3"], "There is no option --retires. Did you mean --retries?\n"],
    [["process", "sum", "-1"], "There is no option -1. What begins with a dash"],
    [["batch", "--out"], "--out needs a value: FILE.\nserentak batch --help"],
    [["batch", "--out", "--json"], "--out needs a value; one that begins with a dash"],
    [["fetch", "--json=yes"], "--json takes no value."],
    [["fetch", "--retries", "many", "http://a.example"], "--retries takes a whole number"],
    [["fetch", "--policy", "first", "http://a.example"], "--policy is one of"],
    [["process", "{", "a"], "not JSON"],
    [["batch", "names.txt"], "needs --operation"],
    [
      ["batch", "/nowhere/names.txt", "--operation", "trim"],
      "Cannot read /nowhere/names.txt: there is no such file.\nserentak batch --help",
    ],
    [["batch", "/", "--operation", "trim"], "Cannot read /: it is a folder."],
    [
      ["follow", "x", "--out", "/nowhere/x.csv"],
      "Cannot write /nowhere/x.csv: there is no such folder.",
    ],
    [["follow", "x", "--url", "localhost"], "Not a URL"],
  ] as const)("is offered for %j", async ([args, message], { expect }) => {
    const { code, out, err } = await serentak(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).toContain("--help");
  });
});

describe("fetch", () => {
  it("makes the calls of a file, those that wait for others indented", async ({ expect }) => {
    const requests = [
      { id: "a", url: upstreams.url("/given?json=7") },
      { id: "b", after: ["a"], url: upstreams.url("/echo"), query: { n: "{{ a.body }}" } },
    ];
    const file = await fileOf("calls.json", JSON.stringify({ requests }));
    const { code, out } = await serentak(["fetch", "--request", file]);
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toContain(`  ${upstreams.url("/given?json=7")}`);
    expect(lines[1]).toContain(`  ↳ ${upstreams.url("/echo")}`);
    expect(lines[2]).toContain("2 calls, 2 ok");
  });

  it("prints each reply as it arrives, and what was won", async ({ expect }) => {
    // Each is answered when the one after it has been printed.
    const paths = ["/when?of=printed&n=2", "/when?of=printed", "/echo"];
    const urls = paths.map((path) => upstreams.url(path));
    const { child, done } = start(server.origin, ["fetch", ...urls]);
    child.stdout?.on("data", () => upstreams.release("printed"));
    const { code, out } = await done;
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(0, 3).map((line) => line.split(" ").at(-1))).toEqual(urls.toReversed());
    expect(lines[0]).toMatch(/^200 +\d+ ms +\d+ B +http/);
    expect(lines[3]).toMatch(/^3 calls, 3 ok: .+ of waiting in \d+ ms$/);
  });

  it("fails when a call does, and says why", async ({ expect }) => {
    const urls = [upstreams.url("/echo"), "http://10.0.0.1/", upstreams.url("/nowhere-at-all")];
    const { code, out } = await serentak(["fetch", ...urls]);
    expect(code).toBe(1);
    expect(out).toMatch(/✗ .* http:\/\/10\.0\.0\.1\/ {2}host-not-allowed: /);
    expect(out).toMatch(/^404 /m);
    expect(out).toMatch(/^200 /m);
    const any = await serentak(["fetch", "--policy", "any", ...urls, upstreams.url("/hang")]);
    expect(any.code).toBe(0);
    expect(any.out).toMatch(/ –  .*\/hang {2}not needed any more\n/);
  });

  it("prints the whole reply as JSON", async ({ expect }) => {
    const url = upstreams.url("/echo");
    const args = ["fetch", "--json", "--select", "method", "--retries", "0", url];
    const { code, out, err } = await serentak(args);
    expect([code, err]).toEqual([0, ""]);
    const expected = { policy: "settled", fulfilled: 1, results: [{ id: "0", body: "GET" }] };
    expect(JSON.parse(out)).toMatchObject(expected);
  });

  it("tells that the Worker is not there", async ({ expect }) => {
    const origin = `http://127.0.0.1:${String(await freePort())}`;
    const { code, err } = await start(origin, ["fetch", "http://a.example"]).done;
    expect(code).toBe(4);
    expect(err).toContain("not reached");
    expect(err).toContain("ECONNREFUSED");
  });
});

describe("process", () => {
  it("runs an operation over arguments, or over lines", async ({ expect }) => {
    const words = await serentak(["process", "uppercase", "hello", "world"]);
    expect(words).toEqual({ code: 0, out: "HELLO\nWORLD\n", err: "" });
    const lines = await serentak(["process", "trim,lowercase,unique"], "A\n a\nb \n");
    expect(lines.out).toBe("a\nb\n");
    const operation = '{"name":"truncate","length":2}';
    expect((await serentak(["process", operation, "abcd"])).out).toMatch(/^a.?\n$/);
    const sum = await serentak(["process", "--parse", "sum", "1", "2.5"]);
    expect(sum.out).toBe("3.5\n");
  });

  it("fails when an item does, and leaves its line empty", async ({ expect }) => {
    const { code, out, err } = await serentak(["process", "to_number", "1", "x", "3"]);
    expect([code, out]).toEqual([1, "1\n\n3\n"]);
    expect(err).toMatch(/^Item 2: /);
  });

  it("lists the operations by kind", async ({ expect }) => {
    const { out } = await serentak(["process", "--list"]);
    expect(out).toMatch(/^One in, one out:\n/);
    expect(out).toMatch(/^ {2}uppercase +\S/m);
    const operations: unknown = JSON.parse((await serentak(["process", "--list", "--json"])).out);
    expect(operations).toContainEqual(expect.objectContaining({ name: "sum", kind: "summary" }));
  });

  it("prints the problem when it is refused", async ({ expect }) => {
    const { code, out, err } = await serentak(["process", "--json", "no-such", "a"]);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ code: "invalid-body", status: 422 });
    expect(err).toContain("#/operation");
  });
});

describe("batch", () => {
  it("runs a text file and writes its results as CSV", async ({ expect }) => {
    const path = await fileOf("names.txt", "Ada Lovelace\n=1+1\n\nGrace, Hopper\n");
    const out = join(folder, "slugs.csv");
    const outcome = await serentak(["batch", path, "--operation", "uppercase", "--out", out]);
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.out).toMatch(/^completed in .+: 4 items succeeded\n$/);
    expect(outcome.err).toMatch(/^Batch [0-9a-f-]{36}: 4 items\n/);
    expect(outcome.err).toContain("100 %  4 of 4");
    expect(await readFile(out, "utf8")).toBe(
      '\uFEFFindex,status,output,error,attempts\r\n0,succeeded,ADA LOVELACE,,1\r\n1,succeeded,\'=1+1,,1\r\n2,succeeded,,,1\r\n3,succeeded,"GRACE, HOPPER",,1\r\n',
    );
  });

  it("reads CSV, NDJSON and JSON, and writes NDJSON and JSON", async ({ expect }) => {
    const files = await Promise.all([
      fileOf("words.csv", "word\none\ntwo\n"),
      fileOf("words.ndjson", '"one"\n"two"\n'),
      fileOf("words.json", '["one", "two"]'),
    ]);
    for (const [index, path] of files.entries()) {
      const out = join(folder, `out-${String(index)}.${index === 0 ? "json" : "ndjson"}`);
      const args = ["batch", path, "--operation", "uppercase", "--out", out, "--json"];
      const { code, out: text, err } = await serentak(args);
      expect([code, err]).toEqual([0, ""]);
      expect(JSON.parse(text)).toMatchObject({ status: "completed", succeeded: 2 });
      const lines = (await readFile(out, "utf8")).replaceAll(/^[[\]]\n|,$/gm, "").trim();
      const results = lines.split("\n").map((line): unknown => JSON.parse(line));
      expect(results).toMatchObject([{ output: "ONE" }, { output: "TWO" }]);
    }
  });

  it("fails when an item does, and names it", async ({ expect }) => {
    const input = [upstreams.url("/echo"), "http://10.0.0.1/"].join("\n");
    const operation = ["--operation", "external-api", "--max-attempts", "1"];
    const { code, out, err } = await serentak(["batch", "-", ...operation], input);
    expect(code).toBe(1);
    expect(out).toContain("1 item succeeded, 1 item failed");
    expect(err).toMatch(/^Item 2: \S/m);
  });

  it("goes on after Ctrl-C, and is followed and cancelled by its id", async ({ expect }) => {
    const urls = Array.from({ length: 30 }, (_, n) =>
      upstreams.url(`/when?of=cancelled&item=${String(n)}`),
    );
    const out = join(folder, "never.csv");
    const args = ["batch", "-", "--operation", "external-api", "--concurrency", "1", "--out", out];
    const { child, done } = start(server.origin, args, urls.join("\n"));
    child.stderr?.once("data", () => child.kill("SIGINT"));
    const { code, err } = await done;
    expect(code).toBe(130);
    expect(existsSync(out)).toBe(false);
    const id = /serentak follow (\S+)/.exec(err)?.[1] ?? "";
    const cancelling = serentak(["cancel", id, "--json"]);
    const read = async (): Promise<unknown> =>
      (await fetch(`${server.origin}/batch-process/${id}`, { headers: TOKEN })).json();
    await expect.poll(read).toMatchObject({ status: "cancelled" });
    upstreams.release("cancelled");
    const cancelled = await cancelling;
    expect(cancelled.code).toBe(0);
    expect(JSON.parse(cancelled.out)).toMatchObject({ id, status: "cancelled", total: 30 });
    const followed = await serentak(["follow", id]);
    expect(followed.code).toBe(1);
    expect(followed.out).toMatch(/^cancelled in .*not done\n$/);
    expect((await serentak(["cancel", id])).code).toBe(3);
  });

  it("keeps a file of results that was there, and starts nothing that it could not write", async ({
    expect,
  }) => {
    const out = await fileOf("kept.csv", "as it was\n");
    const operation = ["--operation", "no-such"];
    expect((await serentak(["batch", "-", ...operation, "--out", out], "a")).code).toBe(3);
    expect(await readFile(out, "utf8")).toBe("as it was\n");
    const nowhere = ["--operation", "uppercase", "--out", "/nowhere/x.csv"];
    const { code, err } = await serentak(["batch", "-", ...nowhere], "a");
    expect(code).toBe(2);
    expect(err).not.toContain("Batch ");
  });

  it("is found again in the list of all, by its label", async ({ expect }) => {
    const args = ["batch", "-", "--operation", "uppercase", "--label", "Found again"];
    expect((await serentak(args, "a\nb")).code).toBe(0);
    const found = await serentak(["list", "--label", "Found again", "--status", "completed"]);
    expect(found.out).toMatch(/^\S{36} {2}\S+ {2}completed {2}2 {2}0 {2}2 {2}Found again\n$/);
    const none = await serentak(["list", "--label", "Never"]);
    expect([none.code, none.err]).toEqual([0, "No batches.\n"]);
    const out = join(folder, "batches.csv");
    await serentak(["list", "--label", "Found again", "--out", out]);
    expect(await readFile(out, "utf8")).toMatch(/^\ufeffid,label,status.*\r\n.*\r\n$/);
  });

  it("can be started and left alone", async ({ expect }) => {
    const args = ["batch", "-", "--operation", "uppercase", "--no-wait"];
    const { code, out } = await serentak(args, "a\nb");
    expect(code).toBe(0);
    const results = join(folder, "later.ndjson");
    const followed = await serentak(["follow", out.trim(), "--out", results]);
    expect(followed.code).toBe(0);
    expect(await readFile(results, "utf8")).toContain('"output":"B"');
  });
});
