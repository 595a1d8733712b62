// Sign-ups that their address must confirm, for tests: mails go to a receiver of the test, time is moved by hand.
// `confirmSignUps` must be called before anything of a test file reads the configuration.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { Mail } from "../../src/domain/mail/mail";
import { CONFIRMATION_SENT, ConfirmationSent } from "../../src/domain/records/confirmation";
import { idle, receive, type Received } from "./tasks";
import { HAS_MAIL_SERVER, letTimePass, read, usersTable } from "./users";
import { post, send } from "./worker";

const MAIL_HOST = "mail.example";
const YEAR_MS = 365 * 24 * 60 * 60_000;
/** Milliseconds after which a sign-up is looked into. */
const SOON_MS = 2000;

/** Has the deployment ask addresses to confirm their sign-ups. */
export function confirmSignUps(variables: Record<string, unknown> = {}): void {
  Object.assign(env, {
    SIGN_UP: "confirmed",
    MAIL: JSON.stringify({
      via: "webhook",
      from: "The Garden Club <club@garden.example>",
      url: `https://${MAIL_HOST}/send`,
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }),
    ...variables,
  });
}

let years = 0;
/** No alarm rings by itself from now on, and keys that an earlier test has read count as old. */
export function startAnew(): void {
  years += 1;
  letTimePass(years * YEAR_MS);
}

/** Answers DNS and the mail service; returns what was sent to anybody. */
export function answerAll(
  mailed: () => Response = () => new Response(null, { status: 202 }),
): Received[] {
  return receive(({ url, host }) => {
    if (host === MAIL_HOST) return mailed();
    return url.includes("/dns-query") ? Response.json(HAS_MAIL_SERVER) : new Response();
  });
}

/** The mails among what was sent. */
export function mailsIn(received: readonly Received[]): Mail[] {
  return received
    .filter(({ host }) => host === MAIL_HOST)
    .map(({ body }) => v.parse(Mail, JSON.parse(body)));
}

/** The caller's network address, each time another one. */
let callers = 0;
function freshCaller(): string {
  callers += 1;
  return `198.51.${Math.floor(callers / 250)}.${callers % 250}`;
}

/** Signs somebody up without a token. */
export function ask(
  email: string,
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const from = { "CF-Connecting-IP": freshCaller() };
  return post("/users", { name: "Ada", email, ...fields }, { ...from, ...headers });
}

/** The same; fails unless it is answered as every sign-up is. */
export async function asked(
  email: string,
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<void> {
  const response = await ask(email, fields, headers);
  const reply: unknown = await response.json();
  if (response.status !== 202 || !v.is(ConfirmationSent, reply))
    throw new Error(`${response.status} ${JSON.stringify(reply)}`);
  if (reply.detail !== CONFIRMATION_SENT.detail) throw new Error("Not the usual reply");
}

/** Lets what sign-ups have caused be carried out, and mails be sent. */
export async function carriedOutSoon(ms = SOON_MS): Promise<void> {
  letTimePass(ms);
  await runDurableObjectAlarm(usersTable());
  await runDurableObjectAlarm(env.CHANNEL_QUEUES.getByName("mail"));
  await idle("mail");
}

/** The links of a mail, as paths by their purpose. */
export function linksOf({ text }: Mail): { confirm: string | null; unsubscribe: string } {
  const find = (purpose: string) =>
    new RegExp(`https://api\\.example(/users/${purpose}\\?token=\\S+)`).exec(text)?.[1] ?? null;
  const unsubscribe = find("unsubscribe");
  if (unsubscribe === null) throw new Error("No link to unsubscribe");
  return { confirm: find("confirm"), unsubscribe };
}

/** Opens a link as a browser does. */
export function open(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return send(path, { headers: { Accept: "text/html,*/*;q=0.8", ...headers } });
}

/** Presses the button of a link's page. */
export function press(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return send(path, {
    method: "POST",
    headers: {
      Accept: "text/html,*/*;q=0.8",
      Origin: "https://somewhere.example",
      "Content-Type": "application/x-www-form-urlencoded",
      ...headers,
    },
    body: "",
    redirect: "manual",
  });
}

const UserPage = v.object({
  users: v.array(v.looseObject({ id: v.string(), email: v.string(), name: v.string() })),
});

/** The users that a list with this query shows. */
export async function listed(query: string) {
  return v.parse(UserPage, await (await read(`/users?${query}`)).json()).users;
}

/** Signs somebody up, and returns the mail that this causes. */
export async function mailFor(
  received: readonly Received[],
  email: string,
  fields: Record<string, unknown> = {},
): Promise<Mail> {
  const before = mailsIn(received).length;
  await asked(email, fields);
  await carriedOutSoon();
  const [mail, ...others] = mailsIn(received).slice(before);
  if (mail === undefined || others.length > 0) throw new Error("Not one mail");
  return mail;
}
