// DNS that failed at sign-up is asked again in the background.
import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { stopAlarms } from "../support/tasks";
import {
  carriedOut,
  fakeDns,
  freshEmail,
  letTimePass,
  patch,
  publishedUser,
  readUser,
  remove,
  restoreWorld,
  SERVER_FAILURE,
  signUp,
  usersTable,
  wakeUpAfter,
} from "../support/users";

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const RECHECK_MS = 5 * 60_000;
const UNKNOWN = { verdict: "unknown", reason: "dns-failed" };
const NO_DOMAIN = { Status: 3 };

/** Somebody who signed up while DNS failed. From then on it answers. */
async function signedUpUnknown() {
  fakeDns(() => SERVER_FAILURE);
  const user = await signUp(freshEmail());
  await carriedOut();
  fakeDns();
  return user;
}

/** DNS that answers once it is let: that there is no such domain. */
function slowDns() {
  const answered = Promise.withResolvers<void>();
  const dns = fakeDns(async () => {
    await answered.promise;
    return NO_DOMAIN;
  });
  dns.mockClear();
  return { answer: () => answered.resolve(), isAsked: () => expectAsked(dns) };
}

function expectAsked(dns: { readonly mock: { readonly calls: readonly unknown[] } }) {
  return vi.waitUntil(() => dns.mock.calls.length > 0);
}

describe("checking an e-mail again", () => {
  it("finds the verdict that DNS did not give at sign-up", async ({ expect }) => {
    const { id, email_check } = await signedUpUnknown();
    expect(email_check).toEqual(UNKNOWN);
    await wakeUpAfter(RECHECK_MS - 1);
    expect(await readUser(id)).toMatchObject({ email_check: UNKNOWN });
    await evictDurableObject(usersTable());
    await wakeUpAfter(1);
    const found = { email_check: { verdict: "deliverable" }, version: 2 };
    expect(await readUser(id)).toMatchObject(found);
    await wakeUpAfter(1000);
    expect(await publishedUser(id)).toMatchObject(found);
    expect(await runDurableObjectAlarm(usersTable())).toBe(false);
  });

  it("calls risky what it would have refused", async ({ expect }) => {
    const { id } = await signedUpUnknown();
    fakeDns(() => NO_DOMAIN);
    await wakeUpAfter(RECHECK_MS);
    expect(await readUser(id)).toMatchObject({
      email_check: { verdict: "risky", reason: "domain-not-found" },
    });
  });

  it("gives up after eight failures, and leaves no alarm", async ({ expect }) => {
    const { id } = await signedUpUnknown();
    const dns = fakeDns(() => SERVER_FAILURE);
    dns.mockClear();
    for (let n = 0; n < 12; n += 1) await wakeUpAfter(400 * 60_000);
    expect(dns).toHaveBeenCalledTimes(8);
    expect(await readUser(id)).toMatchObject({ email_check: UNKNOWN, version: 1 });
    expect(await runDurableObjectAlarm(usersTable())).toBe(false);
  });

  it("is done as well where a changed address could not be checked", async ({ expect }) => {
    fakeDns();
    const { id } = await signUp(freshEmail());
    fakeDns(() => SERVER_FAILURE);
    await patch(id, { email: freshEmail() });
    await carriedOut();
    expect(await readUser(id)).toMatchObject({ email_check: UNKNOWN });
    fakeDns();
    await wakeUpAfter(RECHECK_MS);
    expect(await readUser(id)).toMatchObject({ email_check: { verdict: "deliverable" } });
  });

  it("of one who is deleted is none", async ({ expect }) => {
    const { id } = await signedUpUnknown();
    const dns = fakeDns();
    dns.mockClear();
    await remove(id);
    await wakeUpAfter(RECHECK_MS);
    expect(dns).not.toHaveBeenCalled();
  });

  it("keeps a change that comes while DNS is asked", async ({ expect }) => {
    const { id } = await signedUpUnknown();
    const { answer, isAsked } = slowDns();
    const recheck = wakeUpAfter(RECHECK_MS);
    await isAsked();
    expect((await patch(id, { name: "Grace" })).status).toBe(200);
    answer();
    await recheck;
    expect(await readUser(id)).toMatchObject({ name: "Grace", email_check: { verdict: "risky" } });
  });

  it("tells nothing of an address that has changed meanwhile", async ({ expect }) => {
    const { id } = await signedUpUnknown();
    const { answer, isAsked } = slowDns();
    const recheck = wakeUpAfter(RECHECK_MS);
    await isAsked();
    fakeDns();
    const to = freshEmail();
    expect((await patch(id, { email: to })).status).toBe(200);
    answer();
    await recheck;
    letTimePass(RECHECK_MS);
    await carriedOut();
    expect(await readUser(id)).toMatchObject({
      email: to,
      version: 2,
      email_check: { verdict: "deliverable" },
    });
  });
});
