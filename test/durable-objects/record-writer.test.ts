// The only writer of a record: what it decides under races, and what survives its crashes.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { nameChange, openWriter, RETRY_MS, settled, userRecord, users } from "../support/records";
import {
  fakeDns,
  freshEmail,
  kvPrototype,
  refuseKv,
  restoreWorld,
  stateOf,
  wakeUpAfter,
  writerOf,
} from "../support/users";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

describe("creating", () => {
  it("keeps one of a hundred records that come at once", async ({ expect }) => {
    const writer = await openWriter(freshEmail());
    const records = Array.from({ length: 100 }, () => userRecord("a@example.com"));
    const results = await Promise.all(records.map((record) => writer.create(record)));
    expect(results.filter(({ status }) => status === "written")).toHaveLength(1);
    expect(
      results.filter((result) => "code" in result && result.code === "email-taken"),
    ).toHaveLength(99);
  });

  it("takes the same id again for the same request", async ({ expect }) => {
    const writer = await openWriter(freshEmail());
    const record = userRecord("a@example.com");
    expect(await writer.create(record)).toEqual({ status: "written", record });
    const put = vi.spyOn(kvPrototype, "put");
    const repeated = { ...record, value: { ...record.value, name: "Eve" } };
    expect(await writer.create(repeated)).toEqual({ status: "written", record });
    expect(put).not.toHaveBeenCalled();
  });

  it("keeps the record and its publication together on disk", async ({ expect }) => {
    const email = freshEmail();
    const allow = refuseKv();
    const record = userRecord(email);
    expect((await (await openWriter(email)).create(record)).status).toBe("written");
    const stub = await writerOf(email);
    await evictDurableObject(stub);
    expect(await users.get(record.value.id)).toBeNull();
    expect(await stateOf(stub)).toMatchObject({
      record,
      effects: [{ effect: { kind: "publish" } }],
    });

    allow();
    expect(await wakeUpAfter(stub, RETRY_MS)).toBe(true);
    expect(await users.get(record.value.id)).toEqual(record.value);
    expect(await stateOf(stub)).toMatchObject({ record, effects: [] });
  });

  it("tries a refused publication again without end, and ever more rarely", async ({ expect }) => {
    const email = freshEmail();
    refuseKv();
    await (await openWriter(email)).create(userRecord(email));
    const stub = await writerOf(email);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const [pending] = (await stateOf(stub))?.effects ?? [];
      delays.push((pending?.dueAt ?? 0) - Date.now());
      await wakeUpAfter(stub, 100_000);
    }
    expect((await stateOf(stub))?.effects).toHaveLength(1);
    expect(delays.slice(1)).toEqual([
      2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000, 64_000, 64_000,
    ]);
  });

  it("does not keep its author waiting for a KV that never answers", async ({ expect }) => {
    const email = freshEmail();
    vi.spyOn(kvPrototype, "put").mockReturnValue(new Promise(() => undefined));
    const startedAt = performance.now();
    await (await openWriter(email)).create(userRecord(email));
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe("changing", () => {
  it("loses none of thirty changes at once", async ({ expect }) => {
    const { source, from, id } = await settled();
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => source.update(id, nameChange(`Name ${n}`), null)),
    );
    const versions = results.map(
      (result) => result.status === "written" && result.record.value.version,
    );
    expect(versions.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 30 }, (_, n) => n + 2),
    );
    const last = results.find(
      (result) => result.status === "written" && result.record.value.version === 31,
    );
    expect(await users.get(id)).toEqual(last?.status === "written" && last.record.value);
    expect(await stateOf(await writerOf(from))).toMatchObject({ effects: [] });
  });

  it("lets one of many through that know the same version", async ({ expect }) => {
    const { source, id } = await settled();
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => source.update(id, nameChange(`Name ${n}`), [1])),
    );
    expect(results.filter(({ status }) => status === "written")).toHaveLength(1);
    expect(
      results.filter((result) => "code" in result && result.code === "precondition-failed"),
    ).toHaveLength(9);
  });

  it("publishes once what changed often while KV was slow", async ({ expect }) => {
    const { source, id } = await settled();
    const put = vi.spyOn(kvPrototype, "put");
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => source.update(id, nameChange(`Name ${n}`), null)),
    );
    expect(put.mock.calls.length).toBeLessThan(30);
    expect((await users.get(id))?.version).toBe(31);
  });

  it("keeps few pending publications however often a record changes while KV is down", async ({
    expect,
  }) => {
    const { source, from, id } = await settled();
    refuseKv();
    for (let n = 0; n < 20; n += 1) await source.update(id, nameChange(`Name ${n}`), null);
    expect((await stateOf(await writerOf(from)))?.effects.length).toBeLessThanOrEqual(2);
  });

  it("forgets a change that storage refused", async ({ expect }) => {
    const { from, id } = await settled();
    const stub = await writerOf(from);
    const put = await runInDurableObject(stub, (_, { storage }) =>
      vi.spyOn(Object.getPrototypeOf(storage.kv), "put").mockImplementationOnce(() => {
        throw new Error("too large");
      }),
    );
    expect(await stub.update(id, nameChange("Mary"), null).catch(() => "failed")).toBe("failed");
    put.mockRestore();
    expect(await stub.update(id, nameChange("Grace"), [1])).toMatchObject({
      status: "written",
      record: { value: { name: "Grace", version: 2 } },
    });
  });

  it("knows its own address when an alarm has started it", async ({ expect }) => {
    const { source, from, id } = await settled();
    const allow = refuseKv();
    await source.update(id, nameChange("Grace"), null);
    const stub = await writerOf(from);
    await evictDurableObject(stub);
    allow();
    await wakeUpAfter(stub, RETRY_MS);
    expect(await source.update(id, nameChange("Mary"), null)).toMatchObject({
      status: "written",
      record: { value: { name: "Mary", version: 3 } },
    });
  });
});

describe("removing", () => {
  it("leaves nothing on disk, and frees the e-mail", async ({ expect }) => {
    const { source, from, id } = await settled();
    expect((await source.remove(id, null)).status).toBe("written");
    expect(await users.get(id)).toBeNull();
    expect(await stateOf(await writerOf(from))).toBeUndefined();
    const next = userRecord(from);
    expect((await source.create(next)).status).toBe("written");
    expect(await users.get(next.value.id)).toEqual(next.value);
  });

  it("removes the copy in KV later where KV refuses", async ({ expect }) => {
    const { source, from, id } = await settled();
    const allow = refuseKv("delete");
    expect((await source.remove(id, null)).status).toBe("written");
    expect(await users.get(id)).not.toBeNull();
    const next = userRecord(from);
    expect((await source.create(next)).status).toBe("written");
    const stub = await writerOf(from);
    await evictDurableObject(stub);

    allow();
    await wakeUpAfter(stub, RETRY_MS);
    expect(await users.get(id)).toBeNull();
    expect(await users.get(next.value.id)).toEqual(next.value);
  });

  it("survives creations and removals that chase each other", async ({ expect }) => {
    const { source, from, id } = await settled();
    const next = userRecord(from);
    const [, created] = await Promise.all([source.remove(id, null), source.create(next)]);
    if (created.status !== "written") await source.create(next);
    const stub = await writerOf(from);
    await evictDurableObject(stub);
    expect(await stateOf(stub)).toMatchObject({ record: next });
  });

  it("removes once of many times at once", async ({ expect }) => {
    const { source, id } = await settled();
    const results = await Promise.all(Array.from({ length: 5 }, () => source.remove(id, null)));
    expect(results.filter(({ status }) => status === "written")).toHaveLength(1);
    expect(
      results.filter((result) => "code" in result && result.code === "not-found"),
    ).toHaveLength(4);
  });
});
