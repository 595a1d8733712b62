// Sign-ups that their address must confirm, over HTTP against `npm start`: mails are kept in the local outbox,
// where their links are found; a power cut right after the replies loses none of them.
import * as v from "valibot";
import { afterAll, beforeAll, it } from "vitest";

import { type DnsResolver, startDnsResolver } from "../support/node/dns-resolver";
import { type Serentak, startWorker } from "../support/node/serentak";
import { call, listUsers, post } from "../support/node/users";

/** Fewer than one caller may cause mails an hour. */
const PEOPLE = 12;
const TOKEN = { Authorization: "Bearer dev" };

const Mails = v.object({ notifications: v.array(v.looseObject({ id: v.string() })) });
const Detail = v.object({
  status: v.literal("delivered"),
  payload: v.object({ to: v.tuple([v.string()]), text: v.string() }),
});

let server: Serentak;
let dns: DnsResolver;

beforeAll(async () => {
  dns = await startDnsResolver();
  dns.set("confirmed.example", "mail-server");
  server = await startWorker({ SIGN_UP: "confirmed", DNS_RESOLVER_URL: dns.url });
});
afterAll(() => Promise.all([server.stop(), dns.close()]));

/** The mails in the outbox, by their address. */
async function outbox(): Promise<ReadonlyMap<string, string>> {
  const list = await fetch(`${server.origin}/notifications?channel=mail&limit=100`, {
    headers: TOKEN,
  });
  const { notifications } = v.parse(Mails, await list.json());
  const mails = notifications.map(async ({ id }) => {
    const detail = await fetch(`${server.origin}/notifications/${id}`, { headers: TOKEN });
    const parsed = v.safeParse(Detail, await detail.json());
    return parsed.success
      ? [[parsed.output.payload.to[0], parsed.output.payload.text] as const]
      : [];
  });
  const found = (await Promise.all(mails)).flat();
  if (new Set(found.map(([to]) => to)).size !== found.length) throw new Error("A mail came twice");
  return new Map(found);
}

it("A power cut right after the replies loses no mail, and its links can be used", async ({
  expect,
}) => {
  const emails = Array.from({ length: PEOPLE }, (_, n) => `person-${String(n)}@confirmed.example`);
  const replies = await Promise.all(
    emails.map(async (email) => {
      const response = await post(server.origin, { name: "Ada", email });
      return `${String(response.status)} ${await response.text()}`;
    }),
  );
  expect(new Set(replies)).toEqual(new Set([expect.stringMatching(/^202 .*confirmation-sent/)]));
  await server.kill();
  await server.restart();
  await expect.poll(async () => [...(await outbox()).keys()].toSorted()).toEqual(emails.toSorted());
  expect(await listUsers(server.origin)).toEqual([]);
  for (const [email, text] of await outbox()) {
    const [link = ""] = /http:\S+\/users\/confirm\?token=\S+/.exec(text) ?? [];
    const page = await fetch(link, { headers: { Accept: "text/html" } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<button>")]);
    const done = await fetch(link, { method: "POST", headers: { Accept: "text/html" } });
    expect([email, done.status]).toEqual([email, 200]);
  }
  const users = await listUsers(server.origin);
  expect(users.map(({ email }) => email).toSorted()).toEqual(emails.toSorted());
  const [first] = users;
  const [, text = ""] = [...(await outbox())].find(([to]) => to === first?.email) ?? [];
  const [leave = ""] = /http:\S+\/users\/unsubscribe\?token=\S+/.exec(text) ?? [];
  expect((await fetch(leave, { method: "POST" })).status).toBe(200);
  expect((await call(server.origin, `/${first?.id ?? ""}`)).status).toBe(404);
});
