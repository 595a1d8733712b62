// Sign-ups by forms that their address must confirm: the form leads on as always, the link to `_next`.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, it } from "vitest";
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
import { freshEmail, restoreWorld } from "../../support/users";
import { send } from "../../support/worker";

confirmSignUps();

const SITE = "https://site.example";
const OWN = "https://api.example";

beforeEach(startAnew);
afterEach(async () => {
  restoreWorld();
  await reset();
});

let callers = 0;
function submit(
  fields: Record<string, string>,
  { from = SITE, ...vars }: Record<string, string> = {},
): Promise<Response> {
  callers += 1;
  return send(
    "/users",
    {
      method: "POST",
      headers: {
        Accept: "text/html",
        Origin: from,
        "CF-Connecting-IP": `203.0.113.${callers}`,
      },
      body: new URLSearchParams({ name: "Ada", ...fields }),
      redirect: "manual",
    },
    vars,
  );
}

/** Signs up by a form with this `_next`, presses the button of the mail's link, and returns where that leads. */
async function nextOf(next: string, vars: Record<string, string> = {}): Promise<string | null> {
  const received = answerAll();
  expectStatus(await submit({ email: freshEmail(), _next: next }, vars), 303);
  await carriedOutSoon();
  const [mail] = mailsIn(received);
  if (mail === undefined) throw new Error("No mail");
  const done = await press(linksOf(mail).confirm ?? "");
  if (done.status === 303) return done.headers.get("Location");
  expectStatus(done, 200);
  return null;
}

function expectStatus({ status }: Response, wanted: number): void {
  if (status !== wanted) throw new Error(`Expected ${wanted}, got ${status}`);
}

it.for([
  [`${SITE}/thanks?list=news#top`, `${SITE}/thanks?list=news#top`],
  ["/thanks", `${SITE}/thanks`],
  ["https://deep.pages.example/a", "https://deep.pages.example/a"],
  [`${OWN}/thanks`, `${OWN}/thanks`],
  ["https://evil.example/", null],
  ["//evil.example/", null],
  ["/\\evil.example/", null],
  ["https://site.example@evil.example/", null],
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
  [`${SITE.replace("https", "http")}/`, null],
] as const)("The link of a form with _next %s leads to %s", async ([next, place], { expect }) => {
  expect(await nextOf(next)).toBe(place);
});

it("`*` lists no origin that a link may lead to", async ({ expect }) => {
  expect(await nextOf(`${SITE}/thanks`, { ALLOWED_ORIGINS: "*" })).toBeNull();
});

it("An origin that was taken off the list since is led to no more", async ({ expect }) => {
  const received = answerAll();
  await submit({ email: freshEmail(), _next: `${SITE}/thanks` });
  await carriedOutSoon();
  const [mail] = mailsIn(received);
  const { confirm } = linksOf(mail ?? (await Promise.reject(new Error("No mail"))));
  const done = await send(
    confirm ?? "",
    { method: "POST", headers: { Accept: "text/html" }, redirect: "manual" },
    { ALLOWED_ORIGINS: "https://other.example" },
  );
  expect(done.status).toBe(200);
  expect(await done.text()).toContain("Your address is confirmed");
});

it("The policy of a link's page lets its button lead to its next page, and nowhere else", async ({
  expect,
}) => {
  const received = answerAll();
  await submit({ email: freshEmail(), _next: `${SITE}/thanks` });
  await carriedOutSoon();
  const [mail] = mailsIn(received);
  const { confirm, unsubscribe } = linksOf(mail ?? (await Promise.reject(new Error("No mail"))));
  const policyOf = async (path: string) =>
    (await open(path)).headers.get("Content-Security-Policy");
  expect(await policyOf(confirm ?? "")).toContain(`form-action 'self' ${SITE};`);
  expect(await policyOf(unsubscribe)).toContain("form-action 'self';");
});

it("A form is answered alike, whoever is registered; a trap as well", async ({ expect }) => {
  const received = answerAll();
  const confirmed = freshEmail();
  await press(linksOf(await mailFor(received, confirmed)).confirm ?? "");
  const pending = freshEmail();
  await asked(pending);
  await carriedOutSoon();
  const before = mailsIn(received).length;
  const replies = new Set<string>();
  for (const email of [freshEmail(), confirmed, pending, freshEmail()]) {
    for (const extra of [{}, { _gotcha: "x" }]) {
      const response = await submit({ email, ...extra });
      const headers = [...response.headers].filter(
        ([name]) => !["request-id", "server-timing"].includes(name),
      );
      replies.add(JSON.stringify([response.status, headers, await response.text()]));
    }
  }
  expect([...replies]).toEqual([expect.stringContaining('["location","/thanks?sign_up=mailed"]')]);
  await carriedOutSoon();
  expect(mailsIn(received)).toHaveLength(before + 4);
  expect(await listed("confirmed=false")).toHaveLength(4);
  const thanks = await (await open("/thanks?sign_up=mailed")).text();
  expect(thanks).toContain("We have sent you a mail");
  expect(Reflect.get(env, "SIGN_UP")).toBe("confirmed");
});
