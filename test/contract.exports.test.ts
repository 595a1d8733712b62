// What every export owes its reader. A new route is in this suite by saying that it can be asked for CSV or
// NDJSON.
import { afterEach, beforeAll, describe, it, vi } from "vitest";
import { env } from "cloudflare:workers";
import { Channel } from "../src/durable-objects/channel";
import { Job } from "../src/durable-objects/job";
import { Table } from "../src/durable-objects/table";
import { loadRoutes } from "../src/routes";
import { startBatch } from "./support/jobs";
import { file } from "./support/tasks";
import { freshEmail, signUp } from "./support/users";
import { AUTHORIZATION, send } from "./support/worker";

const routes = await loadRoutes();

const CSV = "text/csv";
const NDJSON = "application/x-ndjson";
const NAME = "=1+1; @SUM(A1)";

const exports = routes.filter(
  ({ method, reply }) => method === "GET" && reply.mediaTypes?.includes(CSV) === true,
);

/** Keeps a notification that is about something of this name, and is not sent. */
async function keepNotification(): Promise<void> {
  const hook = env.CHANNEL_QUEUES.getByName("hook");
  await hook.pause();
  await hook.enqueue({
    id: crypto.randomUUID(),
    type: "task.created",
    timestamp: new Date().toISOString(),
    recordId: NAME,
    origin: null,
    data: {},
  });
}

describe.each(exports)("GET $path", ({ path: template, reply }) => {
  let path = template;
  // These have no text of callers.
  const own = { "/channels": "hook", "/process-data": "uppercase" }[template];
  const [inJson, inCsv] = own === undefined ? [NAME, "'=1+1; '@SUM(A1)"] : [own, own];

  beforeAll(async () => {
    await signUp(freshEmail(), { name: NAME });
    await file({ title: NAME });
    await keepNotification();
    const { id } = await startBatch({ operation: "trim", items: [NAME], label: NAME });
    path = template.replace(":id", id);
  });

  afterEach(() => void vi.restoreAllMocks());

  const read = (Accept: string, method = "GET") =>
    send(path, { method, headers: { ...AUTHORIZATION, Accept } });

  it("as CSV is a file that begins with a byte order mark", async ({ expect }) => {
    const response = await read(CSV);
    expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("Content-Disposition")).toMatch(
      /^attachment; filename="[a-z]+\.csv"$/,
    );
    const [first, second, third] = await response.bytes();
    expect([first, second, third]).toEqual([0xef, 0xbb, 0xbf]);
    const head = await read(CSV, "HEAD");
    expect(head.headers.get("Content-Disposition")).not.toBe(null);
  });

  it("as CSV runs no formula, whatever separates its cells", async ({ expect }) => {
    const text = await (await read(CSV)).text();
    expect(text).toContain(inCsv);
    expect(text).not.toMatch(/(?:^|[,;\t\r\n])[ "]*[=@]/m);
  });

  it("has everything, whatever the limit of a page", async ({ expect }) => {
    await signUp(freshEmail());
    await file();
    const headers = { ...AUTHORIZATION, Accept: NDJSON };
    const all = await (await send(path, { headers })).text();
    const limited = await (await send(`${path}?limit=1`, { headers })).text();
    expect(limited).toBe(all);
  });

  it("as NDJSON has a value a line, as it is", async ({ expect }) => {
    expect(reply.mediaTypes).toContain(NDJSON);
    const lines = (await (await read(NDJSON)).text()).trimEnd().split("\n");
    const values = lines.map((line): unknown => JSON.parse(line));
    expect(JSON.stringify(values)).toContain(inJson);
  });

  // The catalogue is there whole before its first byte is sent.
  it.for(template === "/process-data" ? [] : [CSV, NDJSON])(
    "as %s breaks off visibly where its source fails",
    async (type, { expect }) => {
      const log = vi.spyOn(console, "error").mockReturnValue();
      vi.spyOn(Table.prototype, "page").mockRejectedValue(new Error("The source failed"));
      vi.spyOn(Channel.prototype, "page").mockRejectedValue(new Error("The source failed"));
      vi.spyOn(Channel.prototype, "summary").mockRejectedValue(new Error("The source failed"));
      vi.spyOn(Job.prototype, "results").mockImplementation(() => {
        throw new Error("The source failed");
      });
      // oxlint-disable-next-line typescript/unbound-method -- is called with its object
      const { readKept } = Table.prototype;
      vi.spyOn(Table.prototype, "readKept").mockImplementation(function (this: Table, id, query) {
        if (query !== null) throw new Error("The source failed");
        return Reflect.apply(readKept, this, [id, query]);
      });
      const response = await read(type);
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
      expect(log.mock.calls.join()).toContain("broken-stream");
    },
  );
});
