// One attempt to tell a channel of events: one event, or several in a digest.
import * as v from "valibot";
import { startDeadline, type TimeLimit } from "../../lib/deadline";
import { Semaphore } from "../../lib/semaphore";
import { createMailRequest } from "../mail/mail-request";
import { Mail, type MailService } from "../mail/mail";
import { FetchFailure, sendRequest, type Outgoing } from "../outgoing/outgoing-fetch";
import { createRedaction } from "../outgoing/redaction";
import { signWebhook } from "../outgoing/webhook-signature";
import type { Verdict } from "./channel-lifecycle";
import type { Channel } from "./channels";
import type { DeliveryError } from "./delivery";
import type { DomainEvent } from "./events";
import {
  chatText,
  digestText,
  SENDER,
  toDiscord,
  toNtfy,
  toSlack,
  toTelegram,
  type ChatType,
  type Digest,
  type Formatted,
} from "./formats";
import { toDigestMail, toMail } from "./mails";
import { describe, type Message, type MessageContext } from "./message";
import { judge } from "./verdict";

/** Within the 15 to 30 seconds of the Standard Webhooks specification. */
const DELIVERY_TIMEOUT_MS = 20_000;
const MAX_EXCERPT_BYTES = 1024;
const EXCERPT_CHARACTERS = 200;

/** Surroundings of a delivery. */
export interface DeliverDeps extends MessageContext {
  readonly outgoing: Outgoing;
  /** MAIL, or null. */
  readonly mail: MailService | null;
  /** Sends by the `send_email` binding. @throws MailRefusal, or whatever the binding throws */
  readonly sendByBinding: (mail: Mail, signal: AbortSignal) => Promise<void>;
}

/** Outcome of an attempt. */
export interface Attempted {
  readonly verdict: Verdict;
  /** The beginning of an answer that is no success, with secrets redacted; null where nothing came. */
  readonly excerpt: string | null;
}

/** The number of these events that one message tells: one alone, or as many as a digest holds. */
export function digestSize(
  channel: Channel,
  events: readonly DomainEvent[],
  context: MessageContext,
): number {
  if (events.length < 2) return events.length;
  return toDigest(channel, events, context).count;
}

/** Attempts to tell a channel of events. Never rejects. */
export async function deliver(
  channel: Channel,
  events: readonly DomainEvent[],
  deps: DeliverDeps,
): Promise<Attempted> {
  const { clock } = deps.outgoing;
  const reason = () => new FetchFailure("timeout", `No answer within ${DELIVERY_TIMEOUT_MS} ms.`);
  const deadline = startDeadline(DELIVERY_TIMEOUT_MS, { clock, reason });
  try {
    const [event] = events;
    if (event === undefined) throw new TypeError("There is nothing to tell");
    if (channel.type === "email" || channel.type === "mail")
      return await sendMail(mailOf(channel, events, deps), event, deps, deadline);
    return await send(channel, await toRequest(channel, events, deps), deps.outgoing, deadline);
  } catch (error) {
    // A message that cannot be made can be made no better later.
    const detail = error instanceof Error ? error.message : String(error);
    return failed({ code: "internal", detail }, true);
  } finally {
    deadline.clear();
  }
}

/** The mail by which a channel tells of events. @throws TypeError for one that cannot be sent */
export function mailOf(
  channel: Extract<Channel, { type: "email" | "mail" }>,
  events: readonly DomainEvent[],
  context: MessageContext,
): Mail {
  const [event] = events;
  if (event === undefined) throw new TypeError("There is nothing to tell");
  if (channel.type === "mail") return v.parse(Mail, event.data);
  const { from, to } = channel;
  if (events.length > 1) return toDigestMail(toDigest(channel, events, context).text, from, to);
  return toMail(describe(event, context), from, to);
}

type Addressed = Exclude<Channel, { type: "email" | "mail" }>;

async function toRequest(
  channel: Addressed,
  events: readonly DomainEvent[],
  deps: DeliverDeps,
): Promise<Formatted> {
  if (channel.type === "webhook") return toWebhook(channel, events, deps.outgoing);
  const messages = events.map((event) => describe(event, deps));
  const [message] = messages;
  if (message === undefined) throw new TypeError("There is nothing to tell");
  const text =
    messages.length === 1 ? chatText(channel.type, message) : toDigest(channel, events, deps).text;
  return toChat(channel, text, message, events);
}

function toChat(
  channel: Exclude<Addressed, { type: "webhook" }>,
  text: string,
  message: Message,
  events: readonly DomainEvent[],
): Formatted {
  switch (channel.type) {
    case "slack":
      return toSlack(text);
    case "discord":
      return toDiscord(text);
    case "telegram":
      return toTelegram(text, channel.chat);
    case "ntfy": {
      const isDigest = events.length > 1;
      const subject = isDigest ? `${events.length} messages` : message.subject;
      const tags = [...new Set(events.map(({ type }) => type))].slice(0, 5).join(",");
      return toNtfy(text, { ...message, subject }, tags, channel.token);
    }
  }
}

async function toWebhook(
  { keys }: Extract<Channel, { type: "webhook" }>,
  [event]: readonly DomainEvent[],
  { clock }: Outgoing,
): Promise<Formatted> {
  if (event === undefined) throw new TypeError("There is nothing to tell");
  const body = toPayload(event);
  const timestamp = Math.floor(clock.epochNow() / 1000);
  const signed = await signWebhook({ id: event.id, timestamp, body }, keys);
  return { body, headers: { ...SENDER, "content-type": "application/json", ...signed } };
}

/** The body of a webhook: the same at each attempt. */
export function toPayload({ type, timestamp, data }: DomainEvent): string {
  return JSON.stringify({ type, timestamp, data });
}

function toDigest(
  channel: Channel,
  events: readonly DomainEvent[],
  context: MessageContext,
): Digest {
  const messages = events.map((event) => describe(event, context));
  const type = channel.type === "webhook" || channel.type === "mail" ? "email" : channel.type;
  return digestText(type satisfies ChatType | "email", messages);
}

async function send(
  { type, secrets, url }: Pick<Addressed, "type" | "secrets" | "url">,
  { headers, body }: Formatted,
  outgoing: Outgoing,
  deadline: TimeLimit,
): Promise<Attempted> {
  const { result } = await sendRequest(
    {
      url,
      method: "POST",
      headers,
      body,
      attemptTimeoutMs: DELIVERY_TIMEOUT_MS,
      retries: 0,
      maxRedirects: 0,
      maxBytes: MAX_EXCERPT_BYTES,
      isExcerpt: true,
    },
    // The channel decides how many deliveries are in flight.
    { ...outgoing, slots: new Semaphore(1) },
    deadline,
  );
  if (result instanceof FetchFailure)
    return failed({ code: result.code, detail: result.message }, false);
  const { status, bytes } = result;
  const text = new TextDecoder().decode(bytes);
  const answer = { status, headers: result.headers, text };
  const verdict = judge(type, answer, outgoing.clock.epochNow());
  if (verdict.kind === "delivered") return { verdict, excerpt: null };
  const excerpt = createRedaction(secrets).text(text).slice(0, EXCERPT_CHARACTERS).toWellFormed();
  if (excerpt === "") return { verdict, excerpt: null };
  const detail = `${verdict.error.detail.replace(/\.$/, "")}: ${excerpt}`;
  return { verdict: { ...verdict, error: { ...verdict.error, detail } }, excerpt };
}

/** Codes of the binding's refusals that another attempt cannot mend, and of those that only ask to wait. */
const FINAL_MAIL_ERRORS = /^E_(?:SENDER|RECIPIENT|VALIDATION|CONTENT|TOO_MANY)/;
const PATIENT_MAIL_ERRORS = /^E_(?:RATE|DAILY)_LIMIT/;

async function sendMail(
  mail: Mail,
  { id }: DomainEvent,
  { mail: service, outgoing, sendByBinding }: DeliverDeps,
  deadline: TimeLimit,
): Promise<Attempted> {
  if (service === null) return failed({ code: "no-mail", detail: "MAIL is not set." }, true);
  if (service.via === "outbox")
    return { verdict: { kind: "delivered", httpStatus: null }, excerpt: null };
  if (service.via !== "binding") {
    const now = outgoing.clock.epochNow();
    const request = await createMailRequest(service, mail, id, now);
    const secrets = service.via === "resend" ? [service.key] : [];
    return send({ type: "webhook", secrets, url: service.url }, request, outgoing, deadline);
  }
  try {
    await sendByBinding(mail, deadline.signal);
    return { verdict: { kind: "delivered", httpStatus: null }, excerpt: null };
  } catch (error) {
    return refusedByBinding(error);
  }
}

function refusedByBinding(thrown: unknown): Attempted {
  if (thrown instanceof FetchFailure)
    return failed({ code: thrown.code, detail: thrown.message }, false);
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "email-failed";
  const error = { code, detail: "The e-mail binding refused the message." };
  if (!PATIENT_MAIL_ERRORS.test(code)) return failed(error, FINAL_MAIL_ERRORS.test(code));
  return { verdict: { kind: "wait", httpStatus: null, error, waitMs: null }, excerpt: null };
}

function failed(error: DeliveryError, isFinal: boolean): Attempted {
  return { verdict: { kind: "failed", httpStatus: null, error, isFinal }, excerpt: null };
}
