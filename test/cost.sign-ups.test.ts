// Costs of a sign-up that its address confirms, from the request to the day it leaves: counted inside the
// runtime, and compared with the table that `npm run cost` prints.
import * as v from "valibot";
import { afterEach, beforeEach, expect, it } from "vitest";
import { COSTS, NOTHING } from "../bench/cost-table";
import { Mail } from "../src/domain/mail/mail";
import { FRIENDLY, simulate, type World } from "./simulator";
import { confirmSignUps, linksOf, open, press } from "./support/sign-ups";
import { HAS_MAIL_SERVER, read } from "./support/users";
import { post } from "./support/worker";

const HOUR_MS = 60 * 60_000;

confirmSignUps();

let world: World;
/** The mail that was sent last. */
let mail: Mail;
beforeEach(() => {
  world = simulate(FRIENDLY);
  world.answer(async (request) => {
    const { host, pathname } = new URL(request.url);
    if (host === "mail.example") mail = v.parse(Mail, await request.json());
    return Response.json(pathname === "/dns-query" ? HAS_MAIL_SERVER : {});
  });
});
afterEach(() => world.end());

/** Lets everything be carried out, and fails unless it costs what the table says. */
async function counted(name: keyof typeof COSTS, run: () => Promise<void>): Promise<void> {
  // Nothing of what was before is left.
  await world.elapse(HOUR_MS);
  world.resetCounts();
  await run();
  await world.settled();
  await world.elapse(HOUR_MS);
  expect([name, world.counts()]).toMatchObject([name, { ...NOTHING, ...COSTS[name] }]);
}

/** Signs somebody up without a token, until the mail is sent. */
async function signUp(email: string): Promise<void> {
  const { status } = await post("/users", { name: "Ada", email });
  if (status !== 202) throw new Error(String(status));
  await world.settled();
  await world.elapse(HOUR_MS);
}

/** Opens a link of the mail, and presses the button of its page. */
async function follow(purpose: "confirm" | "unsubscribe"): Promise<void> {
  const link = linksOf(mail)[purpose] ?? "";
  for (const use of [open, press]) {
    const response = await use(link);
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }
}

it("A sign-up, its mail, its confirmation and its end cost what the table says", async () => {
  // A table is filled once in its life, and the first of all sign-ups makes the key of the links.
  for (const path of ["/users", "/tasks"]) await read(path);
  await signUp("bob@example.com");

  await counted("POST /users, to be confirmed, with its mail", () => signUp("ada@example.com"));
  await counted("GET and POST /users/confirm", () => follow("confirm"));
  await counted("GET and POST /users/unsubscribe", () => follow("unsubscribe"));
});
