// Sign-ups that their address must confirm: pending until a link of the mail is used.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it } from "vitest";
import { expectProblem } from "../../support/problem";
import {
  answerAll,
  ask,
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
  patch,
  publishedUser,
  read,
  readUser,
  remove,
  restoreWorld,
  signUp,
} from "../../support/users";
import { AUTHORIZATION } from "../../support/worker";

confirmSignUps();

beforeEach(startAnew);
afterEach(async () => {
  restoreWorld();
  await reset();
});

describe("a sign-up without a token", () => {
  it("becomes a user once its link is used, and not before", async ({ expect }) => {
    const received = answerAll();
    const email = freshEmail();
    const mail = await mailFor(received, email, { name: "Ada", metadata: { plan: "free" } });
    expect(mail).toMatchObject({ to: [email], subject: "Confirm your e-mail address" });
    const { confirm } = linksOf(mail);
    expect(await listed("")).toEqual([]);
    expect(await listed("confirmed=true")).toEqual([]);
    const [pending] = await listed("confirmed=false");
    expect(pending).toMatchObject({ email, confirmed_at: null, version: 1 });
    const id = pending?.id ?? "";
    expect(await publishedUser(id)).toBeNull();

    const done = await press(confirm ?? "");
    expect([done.status, await done.text()]).toEqual([
      200,
      expect.stringContaining("Your address is confirmed"),
    ]);
    expect(await readUser(id)).toMatchObject({
      id,
      email,
      metadata: { plan: "free" },
      version: 2,
      confirmed_at: expect.any(String),
    });
    expect(await listed("confirmed=false")).toEqual([]);
    expect((await listed("confirmed=true")).map((user) => user.id)).toEqual([id]);
    await carriedOutSoon();
    expect(await publishedUser(id)).toMatchObject({ id, email });
  });

  it("can be read and deleted by its id, but not changed", async ({ expect }) => {
    answerAll();
    const email = freshEmail();
    await asked(email);
    await carriedOutSoon();
    const [pending] = await listed(`confirmed=false&email=${email}`);
    const id = pending?.id ?? "";
    expect(await readUser(id)).toMatchObject({ email, confirmed_at: null });
    await expectProblem(expect, await patch(id, { name: "Eve" }), "wrong-state");
    expect((await remove(id, { "If-Match": '"7"' })).status).toBe(412);
    expect((await remove(id)).status).toBe(204);
    expect((await read(`/users/${id}`)).status).toBe(404);
  });

  it("leaves the address free for others, and the one whose link is used wins", async ({
    expect,
  }) => {
    const received = answerAll();
    const email = freshEmail();
    const first = linksOf(await mailFor(received, email, { name: "First" }));
    const second = linksOf(await mailFor(received, email.toUpperCase(), { name: "Second" }));
    expect(await listed("confirmed=false")).toHaveLength(2);
    expect((await press(second.confirm ?? "")).status).toBe(200);
    expect((await listed("")).map(({ name }) => name)).toEqual(["Second"]);
    expect(await listed("confirmed=false")).toEqual([]);
    expect((await press(first.confirm ?? "")).status).toBe(410);
    expect((await listed("")).map(({ name }) => name)).toEqual(["Second"]);
  });

  it("of an address that is confirmed is told so by mail, and changes nothing", async ({
    expect,
  }) => {
    const received = answerAll();
    const email = freshEmail();
    await press(linksOf(await mailFor(received, email)).confirm ?? "");
    const mail = await mailFor(received, email, { name: "Eve" });
    expect(mail).toMatchObject({ to: [email], subject: "You are signed up already" });
    expect(linksOf(mail).confirm).toBeNull();
    expect(await listed("confirmed=false")).toEqual([]);
    expect((await listed("")).map(({ name }) => name)).toEqual(["Ada"]);
  });

  it("of an address that a token signed up confirms that user, who keeps what is known", async ({
    expect,
  }) => {
    const received = answerAll();
    const { id, email, version } = await signUp(freshEmail(), { name: "Grace" }, AUTHORIZATION);
    expect(mailsIn(received)).toEqual([]);
    const { confirm } = linksOf(await mailFor(received, email, { name: "Eve" }));
    expect((await press(confirm ?? "")).status).toBe(200);
    expect(await readUser(id)).toMatchObject({
      name: "Grace",
      version: version + 1,
      confirmed_at: expect.any(String),
    });
    expect(await listed("confirmed=false")).toEqual([]);
  });

  it("is deleted after seven days if nobody has confirmed it", async ({ expect }) => {
    const received = answerAll();
    const { confirm } = linksOf(await mailFor(received, freshEmail()));
    const kept = await signUp(freshEmail(), {}, AUTHORIZATION);
    await carriedOutSoon(6 * 24 * 60 * 60_000);
    expect(await listed("confirmed=false")).toHaveLength(2);
    await carriedOutSoon(25 * 60 * 60_000);
    expect((await listed("confirmed=false")).map(({ id }) => id)).toEqual([kept.id]);
    expect((await press(confirm ?? "")).status).toBe(410);
  });

  it("is refused for what is wrong with it as always", async ({ expect }) => {
    answerAll();
    await expectProblem(expect, await ask("ada"), "invalid-body");
    await expectProblem(expect, await ask("ada@mailinator.com"), "undeliverable-email");
  });
});

describe("with a token", () => {
  it("a sign-up is as always, and sends nothing", async ({ expect }) => {
    const received = answerAll();
    const user = await signUp(freshEmail(), {}, AUTHORIZATION);
    expect(user.confirmed_at).toBeNull();
    await carriedOutSoon();
    expect(mailsIn(received)).toEqual([]);
    expect((await listed("")).map(({ id }) => id)).toEqual([user.id]);
    expect(await publishedUser(user.id)).toMatchObject({ id: user.id });
    expect(Reflect.get(env, "SIGN_UP")).toBe("confirmed");
  });
});

describe("the page of a link", () => {
  it("has one button and changes nothing, however often a program opens it", async ({ expect }) => {
    const received = answerAll();
    const { confirm, unsubscribe } = linksOf(await mailFor(received, freshEmail()));
    for (const path of [confirm ?? "", unsubscribe]) {
      for (let time = 0; time < 3; time += 1) {
        const response = await open(`${path}&utm_source=mail`);
        expect(response.status).toBe(200);
        const html = await response.text();
        expect(html.match(/<button>/g)).toHaveLength(1);
        expect(html).toContain('<form method="post">');
        expect(response.headers.get("Content-Security-Policy")).toContain("form-action 'self'");
        expect((await open(path, { Accept: "*/*" })).status).toBe(200);
      }
      expect((await open(path, { "Accept-Language": "id" })).headers.get("Content-Type")).toBe(
        "text/html; charset=utf-8",
      );
    }
    expect(await listed("")).toEqual([]);
    expect(await listed("confirmed=false")).toHaveLength(1);
  });
});
