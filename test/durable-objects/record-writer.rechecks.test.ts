// DNS that failed at sign-up is asked again in the background.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import {
  emailChange,
  nameChange,
  openWriter,
  settled,
  userRecord,
  users,
} from "../support/records";
import {
  fakeDns,
  freshEmail,
  restoreWorld,
  SERVER_FAILURE,
  stateOf,
  wakeUpAfter,
  writerOf,
} from "../support/users";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

describe("checking an e-mail again", () => {
  const RECHECK_MS = 5 * 60_000;
  const unknown = { verdict: "unknown", reason: "dns-failed" } as const;

  async function withUnknown(email: string) {
    const record = userRecord(email);
    const value = { ...record.value, email_check: unknown };
    await (await openWriter(email)).create({ ...record, value });
    return { id: value.id, stub: await writerOf(email) };
  }

  it("finds the verdict that DNS did not give at sign-up", async ({ expect }) => {
    const { id, stub } = await withUnknown(freshEmail());
    await evictDurableObject(stub);
    await wakeUpAfter(stub, RECHECK_MS);
    expect(await users.get(id)).toMatchObject({
      email_check: { verdict: "deliverable" },
      version: 2,
    });
    expect((await stateOf(stub))?.effects).toEqual([]);
  });

  it("calls risky what it would have refused", async ({ expect }) => {
    const { id, stub } = await withUnknown(freshEmail());
    fakeDns(() => ({ Status: 3 }));
    await wakeUpAfter(stub, RECHECK_MS);
    expect(await users.get(id)).toMatchObject({
      email_check: { verdict: "risky", reason: "domain-not-found" },
    });
  });

  it("gives up after eight failures, and leaves no alarm", async ({ expect }) => {
    const { id, stub } = await withUnknown(freshEmail());
    const fetch = fakeDns(() => SERVER_FAILURE);
    fetch.mockClear();
    for (let n = 0; n < 12; n += 1) await wakeUpAfter(stub, 400 * 60_000);
    expect(fetch).toHaveBeenCalledTimes(8);
    expect((await stateOf(stub))?.effects).toEqual([]);
    expect(await users.get(id)).toMatchObject({ email_check: unknown, version: 1 });
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });

  it("is done as well where a changed spelling could not be checked", async ({ expect }) => {
    const { source, from, id } = await settled();
    const change = { patch: { email: from.toUpperCase() }, email_check: unknown };
    await source.update(id, { kind: "user", change }, null);
    await wakeUpAfter(await writerOf(from), RECHECK_MS);
    expect(await users.get(id)).toMatchObject({ email_check: { verdict: "deliverable" } });
  });

  it("keeps a change that comes while DNS is asked", async ({ expect }) => {
    const { id, stub } = await withUnknown(freshEmail());
    const answered = Promise.withResolvers<void>();
    fakeDns(async () => {
      await answered.promise;
      return { Status: 3 };
    });
    const recheck = wakeUpAfter(stub, RECHECK_MS);
    await vi.waitFor(() => expect(fetch).toHaveBeenCalled());
    const changed = stub.update(id, nameChange("Grace"), null);
    await vi.waitFor(async () =>
      expect(await stateOf(stub)).toMatchObject({ record: { value: { name: "Grace" } } }),
    );
    answered.resolve();
    await Promise.all([recheck, changed]);
    expect(await users.get(id)).toMatchObject({ name: "Grace", email_check: { verdict: "risky" } });
  });

  it("forgets what it found of an address that has changed meanwhile", async ({ expect }) => {
    const { id, stub } = await withUnknown(freshEmail());
    const answered = Promise.withResolvers<void>();
    fakeDns(async () => {
      await answered.promise;
      return { Status: 3 };
    });
    const recheck = wakeUpAfter(stub, RECHECK_MS);
    await vi.waitFor(() => expect(fetch).toHaveBeenCalled());
    const to = freshEmail();
    const changed = stub.update(id, emailChange(to), null);
    await vi.waitFor(async () => expect((await stateOf(stub))?.forwards).toHaveLength(1));
    answered.resolve();
    await Promise.all([recheck, changed]);
    expect(await users.get(id)).toMatchObject({ email: to, version: 2, email_check: unknown });
  });
});
