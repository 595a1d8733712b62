// An e-mail change moves a record from one writer to another: neither lost nor doubled, whatever
// crashes or happens in between.
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { EMPTY_STATE } from "../../src/domain/records/records";
import { RecordWriter } from "../../src/durable-objects/record-writer";
import {
  crashedAfterClaim,
  emailChange,
  moved,
  nameChange,
  nameOf,
  openWriter,
  RETRY_MS,
  settled,
  userRecord,
  users,
} from "../support/records";
import {
  delayPuts,
  fakeDns,
  freshEmail,
  kvPrototype,
  leaveState,
  restoreWorld,
  stateOf,
  wakeUpAfter,
  writerOf,
} from "../support/users";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

describe("moving to another e-mail", () => {
  it("claims the new one, frees the old one, and leaves a forward", async ({ expect }) => {
    const { source, target, from, to, id, record } = await settled();
    const result = await source.update(id, emailChange(to), null);
    const expected = { email: to, version: 2 };
    expect(result).toMatchObject({ status: "written", record: { value: expected } });
    expect(await users.get(id)).toMatchObject(expected);
    expect(await source.isTaken("another")).toBe(false);
    expect(await target.isTaken("another")).toBe(true);
    expect(await source.update(id, nameChange("Grace"), null)).toEqual({
      status: "moved",
      to: await nameOf(to),
    });
    expect((await source.create(userRecord(from))).status).toBe("written");
    expect((await target.create(userRecord(to))).status).toBe("refused");
    expect(record.value.version).toBe(1);
  });

  it("is refused where the new e-mail is taken, and changes nothing", async ({ expect }) => {
    const { source, target, to, from, id, record } = await settled();
    await target.create(userRecord(to));
    expect(await source.update(id, emailChange(to), null)).toMatchObject({
      status: "refused",
      code: "email-taken",
    });
    expect(await stateOf(await writerOf(from))).toMatchObject({ record, effects: [] });
    expect(await users.get(id)).toEqual(record.value);
  });

  it("does not lock up when two swap their e-mails", { timeout: 5000 }, async ({ expect }) => {
    const { source, target, from, to, id } = await settled();
    const other = userRecord(to);
    await target.create(other);
    const results = await Promise.all([
      source.update(id, emailChange(to), null),
      target.update(other.value.id, emailChange(from), null),
    ]);
    expect(results).toMatchObject([{ code: "email-taken" }, { code: "email-taken" }]);
  });

  it("does not lock up in a ring of three", { timeout: 5000 }, async ({ expect }) => {
    const records = [freshEmail(), freshEmail(), freshEmail()].map((email) => userRecord(email));
    const writers = await Promise.all(records.map(({ value }) => openWriter(value.email)));
    await Promise.all(writers.map((writer, n) => writer.create(records[n] ?? userRecord(""))));
    const results = await Promise.all(
      writers.map((writer, n) => {
        const next = records[(n + 1) % 3]?.value.email ?? "";
        return writer.update(records[n]?.value.id ?? "", emailChange(next), null);
      }),
    );
    expect(results.every((result) => "code" in result && result.code === "email-taken")).toBe(true);
  });

  it("is finished after a crash before the claim", async ({ expect }) => {
    const { from, to, record, id, target } = await settled();
    const stub = await writerOf(from);
    const effect = { kind: "move" as const, id, to: await nameOf(to), record: moved(record, to) };
    const pending = { key: 9, effect, attempts: 0, dueAt: Date.now() };
    await leaveState(stub, { ...EMPTY_STATE, record, effects: [pending], nextKey: 10 });
    await evictDurableObject(stub);

    await wakeUpAfter(stub, 0);
    expect(await target.isTaken("another")).toBe(true);
    expect(await stub.isTaken("another")).toBe(false);
    expect(await users.get(id)).toMatchObject({ email: to, version: 2 });
  });

  it("is finished after a crash between claim and freeing", async ({ expect }) => {
    const { stub, target, id, to } = await crashedAfterClaim();
    expect(await stub.isTaken("another")).toBe(true);
    await wakeUpAfter(stub, 0);
    expect(await stub.isTaken("another")).toBe(false);
    expect(await target.isTaken("another")).toBe(true);
    expect(await users.get(id)).toMatchObject({ email: to, version: 2 });
    expect(await runDurableObjectAlarm(stub)).toBe(true);
  });

  it("is finished by the next write after a crash, which then goes to the new writer", async ({
    expect,
  }) => {
    const { stub, id, to } = await crashedAfterClaim();
    expect(await stub.update(id, nameChange("Grace"), null)).toEqual({
      status: "moved",
      to: await nameOf(to),
    });
  });

  it("does not bring back who was deleted before it was finished", async ({ expect }) => {
    const { stub, target, id } = await crashedAfterClaim();
    expect((await target.remove(id, null)).status).toBe("written");
    await wakeUpAfter(stub, 0);
    expect(await target.isTaken("another")).toBe(false);
    expect(await stub.isTaken("another")).toBe(false);
    expect(await users.get(id)).toBeNull();
  });

  it("does not double who moved on before it was finished", async ({ expect }) => {
    const { stub, target, id } = await crashedAfterClaim();
    const further = freshEmail();
    expect((await target.update(id, emailChange(further), null)).status).toBe("written");
    await wakeUpAfter(stub, 0);
    expect(await target.isTaken("another")).toBe(false);
    expect(await stub.isTaken("another")).toBe(false);
    expect(await (await openWriter(further)).isTaken("another")).toBe(true);
    expect(await users.get(id)).toMatchObject({ email: further, version: 3 });
  });

  it("does not keep a copy when somebody else took the e-mail meanwhile", async ({ expect }) => {
    const { stub, target, id, to } = await crashedAfterClaim();
    const further = freshEmail();
    await target.update(id, emailChange(further), null);
    expect((await target.create(userRecord(to))).status).toBe("written");
    await wakeUpAfter(stub, 0);
    expect(await stub.isTaken("another")).toBe(false);
    expect(await users.get(id)).toMatchObject({ email: further, version: 3 });
  });

  it("takes back who returns before it was finished", { timeout: 5000 }, async ({ expect }) => {
    const { stub, target, id, from } = await crashedAfterClaim();
    const [result] = await Promise.all([
      target.update(id, emailChange(from), null),
      wakeUpAfter(stub, 0),
    ]);
    expect(result).toMatchObject({
      status: "written",
      record: { value: { email: from, version: 3 } },
    });
    expect(await stub.isTaken("another")).toBe(true);
    expect(await target.isTaken("another")).toBe(false);
    expect(await users.get(id)).toMatchObject({ email: from, version: 3 });
  });

  it("comes and goes without leaving more forwards than writers", async ({ expect }) => {
    const { source, target, from, to, id } = await settled();
    for (let n = 0; n < 5; n += 1) {
      expect((await source.update(id, emailChange(to), null)).status).toBe("written");
      expect((await target.update(id, emailChange(from), null)).status).toBe("written");
    }
    expect((await stateOf(await writerOf(to)))?.forwards).toHaveLength(1);
    expect(await users.get(id)).toMatchObject({ email: from, version: 11 });
  });

  it("is finished later where the new writer cannot be reached", async ({ expect }) => {
    const { source, target, from, to, id } = await settled();
    const claim = vi.spyOn(RecordWriter.prototype, "create").mockRejectedValue(new Error("down"));
    expect(await source.update(id, emailChange(to), null).catch(() => "failed")).toBe("failed");
    expect(await source.isTaken("another")).toBe(true);
    expect(await target.isTaken("another")).toBe(false);

    claim.mockRestore();
    await wakeUpAfter(await writerOf(from), RETRY_MS);
    expect(await source.isTaken("another")).toBe(false);
    expect(await target.isTaken("another")).toBe(true);
    expect(await users.get(id)).toMatchObject({ email: to, version: 2 });
  });

  it("is finished later where the answer of the new writer is lost", async ({ expect }) => {
    const { source, target, from, to, id } = await settled();
    const create: RecordWriter["create"] = Reflect.get(RecordWriter.prototype, "create");
    const claim = vi.spyOn(RecordWriter.prototype, "create").mockImplementation(async function (
      this: RecordWriter,
      record,
    ) {
      await Reflect.apply(create, this, [record]);
      throw new Error("lost");
    });
    expect(await source.update(id, emailChange(to), null).catch(() => "failed")).toBe("failed");
    expect(await source.isTaken("another")).toBe(true);
    expect(await target.isTaken("another")).toBe(true);

    claim.mockRestore();
    await wakeUpAfter(await writerOf(from), RETRY_MS);
    expect(await source.isTaken("another")).toBe(false);
    expect(await users.get(id)).toMatchObject({ email: to, version: 2 });
  });

  it("is finished after all writers were killed in mid-move", async ({ expect }) => {
    const { source, target, from, to, id } = await settled();
    const put = vi.spyOn(kvPrototype, "put").mockReturnValue(new Promise(() => undefined));
    const lost = source.update(id, emailChange(to), null).catch(() => "lost");
    await vi.waitFor(async () => expect(await target.isTaken("another")).toBe(true));
    await abortAllDurableObjects();
    expect(await lost).toBe("lost");
    put.mockRestore();

    // A stub of an object that was killed stays broken.
    const [left, right] = [await writerOf(from), await writerOf(to)];
    await wakeUpAfter(left, RETRY_MS);
    await wakeUpAfter(right, RETRY_MS);
    expect(await left.isTaken("another")).toBe(false);
    expect(await right.isTaken("another")).toBe(true);
    expect(await users.get(id)).toMatchObject({ email: to, version: 2 });
  });

  it("is not overtaken in KV by what the old writer published before", async ({ expect }) => {
    const { source, from, to, id } = await settled();
    // What still carries the old address reaches KV late.
    const late = delayPuts(from, 150);
    await Promise.all([
      source.update(id, nameChange("Grace"), null),
      source.update(id, nameChange("Mary"), null),
      source.update(id, emailChange(to), null),
    ]);
    await late.settled();
    expect(await users.get(id)).toMatchObject({ email: to });
  });

  it("forgets its forwards after a day", async ({ expect }) => {
    const { source, from, to, id } = await settled();
    await source.update(id, emailChange(to), null);
    const stub = await writerOf(from);
    expect((await stateOf(stub))?.forwards).toHaveLength(1);
    await wakeUpAfter(stub, 24 * 60 * 60_000 + 1);
    expect(await stateOf(stub)).toBeUndefined();
    expect(await source.update(id, nameChange("x"), null)).toMatchObject({ code: "not-found" });
  });
});
