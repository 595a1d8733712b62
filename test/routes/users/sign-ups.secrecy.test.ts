// Nobody learns from a sign-up who is registered: every address gets the same reply, for the same work.
import * as v from "valibot";
import { afterEach, beforeEach, it } from "vitest";
import { Mail } from "../../../src/domain/mail/mail";
import { simulate, FRIENDLY, type World } from "../../simulator";
import { ask, asked, confirmSignUps, linksOf, press } from "../../support/sign-ups";
import { HAS_MAIL_SERVER } from "../../support/users";
import { post } from "../../support/worker";

confirmSignUps();

const SIGN_UPS = 120;
const HOUR_MS = 60 * 60_000;

let world: World;
let mails: Mail[];
beforeEach(() => {
  mails = [];
  world = simulate(FRIENDLY);
  world.answer(async (request) => {
    const { hostname } = new URL(request.url);
    if (hostname !== "mail.example") return Response.json(HAS_MAIL_SERVER);
    mails.push(v.parse(Mail, await request.json()));
    return new Response();
  });
});
afterEach(() => world.end());

let count = 0;
const fresh = () => `unknown-${(count += 1)}@example.com`;

/** People of whom the table knows something, by what it knows; and where a stranger stands. */
async function people(): Promise<Record<string, () => string>> {
  const [confirmed, pending, over] = ["confirmed", "pending", "over"].map(
    (name) => `${name}@example.com`,
  ) as [string, string, string];
  await asked(confirmed);
  await asked(pending);
  await world.elapse(HOUR_MS);
  for (const mail of mails) {
    if (mail.to[0] === confirmed) await press(linksOf(mail).confirm ?? "");
  }
  const byToken = "by-token@example.com";
  await post("/users", { name: "Ada", email: byToken }, { Authorization: "Bearer test-token" });
  for (let time = 0; time < 4; time += 1) await asked(over);
  await world.elapse(5000);
  return {
    unknown: fresh,
    confirmed: () => confirmed,
    pending: () => pending,
    "signed up by a token": () => byToken,
    "beyond the bounds": () => over,
  };
}

/** All that a caller sees of a reply, but for what tells the requests apart. */
async function shown(response: Response): Promise<string> {
  const headers = [...response.headers].filter(
    ([name]) => !["request-id", "server-timing", "date"].includes(name),
  );
  return JSON.stringify([response.status, headers, await response.text()]);
}

it("Every address gets the same reply, for the same work before it", async ({ expect }) => {
  const known = await people();
  const replies = new Map<string, Set<string>>();
  const note = (text: string, who: string) =>
    replies.set(text, (replies.get(text) ?? new Set()).add(who));
  const names = Object.keys(known);
  for (let n = 0; n < SIGN_UPS; n += 1) {
    const who = names[(n * 7) % names.length] ?? "";
    const email = known[who]?.() ?? "";
    world.resetCounts();
    const response = await ask(email, { name: `Person ${n % 10}` });
    // Requests of objects, rows and alarms until nothing but the next alarm is left.
    await world.settled();
    note(JSON.stringify([await shown(response), world.counts()]), who);
    await world.elapse(2000);
  }
  const seen = [...replies].map(([text, who]) => [text, [...who].toSorted()]);
  expect(seen).toEqual([[expect.stringMatching(/confirmation-sent/), names.toSorted()]]);
});

it("Nobody can tell by a quick answer that somebody of the same domain signed up before", async ({
  expect,
}) => {
  let questions = 0;
  world.answer(() => {
    questions += 1;
    return Response.json({ Status: 0, Answer: [{ type: 15, data: "10 mx.example.", TTL: 60 }] });
  });
  for (const name of ["ada", "eve"]) {
    const before = questions;
    await ask(`${name}@small-company.example`);
    expect(questions).toBe(before + 1);
  }
});

it("Neither a key that is repeated nor a batch tells one address from another", async ({
  expect,
}) => {
  const known = await people();
  const replies = new Set<string>();
  for (const email of Object.values(known)) {
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const address = email();
    const first = await shown(await ask(address, {}, headers));
    await world.elapse(HOUR_MS);
    const again = await shown(await ask(address, {}, headers));
    expect(again).toContain('["idempotency-replayed","true"]');
    const other = await shown(await ask(address, { name: "Eve" }, headers));
    expect(other).toContain("idempotency-mismatch");
    replies.add([first, again, other.replaceAll(/[0-9a-f-]{36}/g, "")].join("\n"));
  }
  expect(replies.size).toBe(1);

  const items = Object.values(known).map((email) => ({ name: "Ada", email: email() }));
  const batch = await post("/batch-process", { operation: "users", items }, { Prefer: "wait=20" });
  const Batch = v.object({
    results: v.array(v.object({ status: v.string(), output: v.unknown(), attempts: v.number() })),
  });
  const { results } = v.parse(Batch, await batch.json());
  expect(results).toEqual(
    items.map(() => ({
      status: "succeeded",
      output: { status: "confirmation-sent" },
      attempts: 1,
    })),
  );
});

it("The mail to an address that is not confirmed holds no word of the caller's", async ({
  expect,
}) => {
  const MARK = "zq7xmark";
  await asked(`${MARK}-1@example.com`, {
    name: MARK,
    metadata: { [MARK]: [MARK] },
  });
  await world.elapse(5000);
  expect(mails).toHaveLength(1);
  expect(JSON.stringify(mails.map(({ to: _, ...rest }) => rest))).not.toContain(MARK);
  const [mail] = mails;
  const [, content = ""] = /token=(.*)\./.exec((mail && linksOf(mail).confirm) ?? "") ?? [];
  const bytes = Uint8Array.fromBase64(content, { alphabet: "base64url" });
  expect(new TextDecoder().decode(bytes)).toMatch(/^\["confirm","[0-9a-f-]{36}",\d+,null\]$/);
});
