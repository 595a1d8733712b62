// The links in mails: each does one thing to one record, for whoever has it and as long as it is valid.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { createSigner } from "../../../src/domain/links/link";
import { Table } from "../../../src/durable-objects/table";
import { expectProblem } from "../../support/problem";
import {
  answerAll,
  asked,
  carriedOutSoon,
  confirmSignUps,
  linksOf,
  listed,
  mailFor,
  mailsIn,
  open,
  press,
  startAnew,
} from "../../support/sign-ups";
import {
  freshEmail,
  letTimePass,
  patch,
  read,
  readUser,
  remove,
  restoreWorld,
  signUp,
  usersTable,
} from "../../support/users";
import { AUTHORIZATION, send } from "../../support/worker";

confirmSignUps();

const DAY_MS = 24 * 60 * 60_000;
const HTML = { Accept: "text/html" };

beforeEach(startAnew);
afterEach(async () => {
  restoreWorld();
  await reset();
});

/** A sign-up that waits to be confirmed, and the links of its mail. */
async function pending(received = answerAll()) {
  const email = freshEmail();
  const mail = await mailFor(received, email);
  const { confirm, unsubscribe } = linksOf(mail);
  const [user] = await listed(`confirmed=false&email=${email}`);
  if (confirm === null || user === undefined) throw new Error("Nothing to confirm");
  return { id: user.id, email, mail, confirm, unsubscribe, received };
}

/** The same once it is confirmed. */
async function confirmed(received = answerAll()) {
  const user = await pending(received);
  if ((await press(user.confirm)).status !== 200) throw new Error("Not confirmed");
  return user;
}

describe("a link", () => {
  it("that was not signed here does nothing, and tells nothing of any record", async ({
    expect,
  }) => {
    const { id, confirm, unsubscribe } = await pending();
    const keys = { current: { secret: "A".repeat(43), madeAt: 0 }, before: null };
    const sign = await createSigner(keys, Date.now());
    const replies = new Set<string>();
    const page = vi.spyOn(Table.prototype, "confirm");
    for (const purpose of ["confirm", "unsubscribe"] as const) {
      const unsigned = (confirm.split("=")[1] ?? "").split(".")[0];
      for (const token of [
        await sign({ purpose, recordId: id, next: null }),
        await sign({ purpose, recordId: crypto.randomUUID(), next: null }),
        `${unsigned}.${"A".repeat(43)}`,
        `${unsigned}.`,
        "x",
        "",
      ]) {
        for (const ask of [open, press]) {
          const response = await ask(`/users/${purpose}?token=${token}`);
          replies.add(`${response.status} ${await response.text()}`);
        }
      }
    }
    expect([...replies]).toEqual([expect.stringMatching(/^404 .*This link is not complete/s)]);
    expect(page).not.toHaveBeenCalled();
    expect(await listed("confirmed=false")).toHaveLength(1);
    expect((await open(unsubscribe)).status).toBe(200);
  });

  it("for one purpose is none for the other, and for one record none for another", async ({
    expect,
  }) => {
    const received = answerAll();
    const one = await pending(received);
    const other = await confirmed(received);
    const swapped = [
      one.confirm.replace("/confirm?", "/unsubscribe?"),
      other.confirm.replace("/confirm?", "/unsubscribe?"),
      one.unsubscribe.replace("/unsubscribe?", "/confirm?"),
      other.unsubscribe.replace("/unsubscribe?", "/confirm?"),
      // The content of one with the signature of the other.
      `${one.confirm.split(".")[0]}.${other.confirm.split(".")[1]}`,
      `${other.unsubscribe.split(".")[0]}.${one.unsubscribe.split(".")[1]}`,
    ];
    for (const path of swapped) {
      expect((await open(path)).status).toBe(404);
      expect((await press(path)).status).toBe(404);
    }
    expect((await listed("confirmed=false")).map(({ id }) => id)).toEqual([one.id]);
    expect((await listed("")).map(({ id }) => id)).toEqual([other.id]);
  });

  it("that has expired confirms nothing, and its button mails another one", async ({ expect }) => {
    const { id, email, confirm, received } = await pending();
    letTimePass(DAY_MS + 1000);
    const shown = await open(confirm);
    expect([shown.status, await shown.text()]).toEqual([
      410,
      expect.stringContaining("This link has expired"),
    ]);
    expect((await press(confirm, { "Accept-Language": "id" })).status).toBe(410);
    expect(await listed("")).toEqual([]);
    const before = mailsIn(received).length;
    await carriedOutSoon();
    const [mail, ...more] = mailsIn(received).slice(before);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ to: [email], subject: "Konfirmasi alamat e-mail Anda" });
    if (mail === undefined) throw new Error("No mail");
    expect((await press(linksOf(mail).confirm ?? "")).status).toBe(200);
    expect((await readUser(id)).confirmed_at).not.toBeNull();
  });

  it("of an expired sign-up, or one that is confirmed, mails nobody", async ({ expect }) => {
    const received = answerAll();
    const { confirm } = await confirmed(received);
    const gone = await pending(received);
    letTimePass(8 * DAY_MS);
    await carriedOutSoon();
    const before = mailsIn(received).length;
    for (const path of [confirm, gone.confirm]) expect((await press(path)).status).toBe(410);
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(before);
  });

  it("that is used again changes nothing, and answers the same", async ({ expect }) => {
    const { id, confirm } = await confirmed();
    const user = await readUser(id);
    letTimePass(60_000);
    const again = await press(confirm);
    expect([again.status, await again.text()]).toEqual([
      200,
      expect.stringContaining("Your address is confirmed"),
    ]);
    expect(await readUser(id)).toEqual(user);
    expect((await patch(id, { email: freshEmail() })).status).toBe(200);
    const changed = await readUser(id);
    await press(confirm);
    expect(await readUser(id)).toEqual(changed);
  });

  it("brings nobody back who was deleted", async ({ expect }) => {
    const received = answerAll();
    const waiting = await pending(received);
    const user = await confirmed(received);
    for (const { id } of [waiting, user]) expect((await remove(id)).status).toBe(204);
    for (const { confirm, id } of [waiting, user]) {
      expect((await press(confirm)).status).toBe(410);
      expect((await read(`/users/${id}`)).status).toBe(404);
    }
    expect(await listed("confirmed=false")).toEqual([]);
  });

  it("is a problem for programs, in place of a page", async ({ expect }) => {
    const { confirm } = await pending();
    letTimePass(2 * DAY_MS);
    for (const method of ["GET", "POST"]) {
      await expectProblem(expect, await send(confirm, { method }), "gone");
      await expectProblem(expect, await send("/users/confirm", { method }), "not-found");
    }
  });

  it("stays valid while its key is one of the last two", async ({ expect }) => {
    const received = answerAll();
    const { id, unsubscribe } = await confirmed(received);
    letTimePass(89 * DAY_MS);
    const late = await confirmed(received);
    letTimePass(2 * DAY_MS);
    const keys = await usersTable().linkKeys();
    await carriedOutSoon();
    const fresh = await confirmed(received);
    expect(keys.before?.secret).not.toBe(keys.current.secret);
    // The first is older than ninety days by now, the second has the old key, the third the new one.
    expect((await press(unsubscribe)).status).toBe(410);
    expect((await readUser(id)).id).toBe(id);
    for (const user of [late, fresh]) {
      expect((await press(user.unsubscribe)).status).toBe(200);
      expect((await read(`/users/${user.id}`)).status).toBe(404);
    }
  });
});

describe("unsubscribing", () => {
  it("deletes the user as a deletion does, and tells", async ({ expect }) => {
    const { id, unsubscribe } = await confirmed();
    expect((await open(unsubscribe)).status).toBe(200);
    expect((await readUser(id)).id).toBe(id);
    const done = await press(unsubscribe);
    expect([done.status, await done.text()]).toEqual([
      200,
      expect.stringContaining("You are unsubscribed"),
    ]);
    expect((await read(`/users/${id}`)).status).toBe(404);
    await carriedOutSoon();
    expect(await env.USERS.get(id)).toBeNull();
    expect((await press(unsubscribe)).status).toBe(200);
  });

  it("works with one click of a mail program (RFC 8058)", async ({ expect }) => {
    const { id, mail } = await confirmed();
    const [, url = ""] = /^<(.*)>$/.exec(mail.headers["List-Unsubscribe"] ?? "") ?? [];
    expect(mail.headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    const { origin, pathname, search } = new URL(url);
    expect(origin).toBe("https://api.example");
    const form = new FormData();
    form.set("List-Unsubscribe", "One-Click");
    const response = await send(
      pathname + search,
      { method: "POST", body: form },
      { TURNSTILE_SECRET: "secret", ANONYMOUS_DAILY: "items=0", ALLOWED_ORIGINS: "" },
    );
    expect(response.status).toBe(200);
    expect((await read(`/users/${id}`)).status).toBe(404);
  });

  it("from a sign-up deletes all that wait for the address", async ({ expect }) => {
    const received = answerAll();
    const { email, unsubscribe } = await pending(received);
    await asked(email, { name: "Another" });
    await carriedOutSoon();
    const other = await pending(received);
    expect((await press(unsubscribe)).status).toBe(200);
    expect((await listed("confirmed=false")).map(({ id }) => id)).toEqual([other.id]);
    await carriedOutSoon();
    expect((await listed("confirmed=false")).map(({ id }) => id)).toEqual([other.id]);
  });

  it("is offered by every mail, and by exports of confirmed lists alone", async ({ expect }) => {
    const received = answerAll();
    const user = await confirmed(received);
    await mailFor(received, user.email);
    for (const mail of mailsIn(received)) {
      const { unsubscribe } = linksOf(mail);
      expect(mail.headers["List-Unsubscribe"]).toBe(`<https://api.example${unsubscribe}>`);
      expect(mail.html).toContain("/users/unsubscribe?token=");
      expect(unsubscribe).not.toContain("person");
    }
    await signUp(freshEmail(), {}, AUTHORIZATION);
    const lines = async (query: string, Accept: string) =>
      (await (await read(`/users?${query}`, { Accept })).text()).trim().split("\n");
    const [line = "", ...others] = await lines("confirmed=true", "application/x-ndjson");
    expect(others).toEqual([]);
    const Line = v.looseObject({ id: v.string(), unsubscribe_url: v.string() });
    const { id, unsubscribe_url } = v.parse(Line, JSON.parse(line));
    expect(id).toBe(user.id);
    const [header, row] = await lines("confirmed=true", "text/csv");
    expect(header?.trim()).toMatch(/,unsubscribe_url$/);
    expect(row).toContain("https://api.example/users/unsubscribe?token=");
    for (const query of ["", "confirmed=false"]) {
      for (const type of ["application/x-ndjson", "text/csv"])
        expect((await lines(query, type)).join()).not.toContain("unsubscribe_url");
    }
    const { pathname, search } = new URL(unsubscribe_url);
    expect((await press(pathname + search)).status).toBe(200);
    expect((await read(`/users/${user.id}`)).status).toBe(404);
  });
});

it("Pages are in the visitor's language, cannot be framed, and are not kept", async ({
  expect,
}) => {
  const { confirm } = await pending();
  const { headers } = await open(confirm);
  expect(headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  expect(headers.get("Cache-Control")).toBe("no-store");
  expect(headers.get("Referrer-Policy")).toBe("same-origin");
  const indonesian = await (await open(confirm, { ...HTML, "Accept-Language": "id" })).text();
  expect(indonesian).toContain('<html lang="id">');
  expect(indonesian).toContain("Konfirmasi");
});
