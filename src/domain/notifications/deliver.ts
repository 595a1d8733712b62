// One attempt to deliver an event to a channel.
import type { Channel } from "./channels";
import { untilAborted } from "../../lib/until-aborted";
import type { Attempt } from "../jobs/job";
import { createRequest, toDeliveryAttempt, type Delivery, type DomainEvent } from "./notifications";
import { FetchFailure, sendRequest, type Outgoing } from "../outgoing/outgoing-fetch";
import { startDeadline, type Deadline } from "../../lib/deadline";
import { parseRetryAfter } from "../../lib/retry-delay";
import { Semaphore } from "../../lib/semaphore";

/** Within the 15 to 30 seconds of the Standard Webhooks specification. */
const DELIVERY_TIMEOUT_MS = 20_000;
const MAX_EXCERPT_BYTES = 1024;

/** What a delivery needs from its surroundings. */
export interface DeliveryContext {
  /** CHANNELS by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly outgoing: Outgoing;
  /** The `send_email` binding EMAIL, which not every deployment has. */
  readonly email: unknown;
}

/** Attempts a delivery. Never rejects. */
export async function deliver(
  delivery: Delivery,
  event: DomainEvent,
  { channels, outgoing, email }: DeliveryContext,
): Promise<Attempt> {
  const { clock } = outgoing;
  const channel = channels.get(delivery.channel);
  const at = clock.epochNow();
  if (channel === undefined) {
    const detail = "CHANNELS has this channel no more.";
    return { status: "failed", error: { code: "unknown-channel", detail, at } };
  }
  const reason = () => new FetchFailure("timeout", `No answer within ${DELIVERY_TIMEOUT_MS} ms.`);
  const deadline = startDeadline(DELIVERY_TIMEOUT_MS, { clock, reason });
  const attempt =
    channel.type === "email"
      ? sendEmail(channel, event, email, at, deadline)
      : send(channel, delivery, event, outgoing, at, deadline);
  return attempt.finally(deadline.clear);
}

async function send(
  channel: Exclude<Channel, { type: "email" }>,
  delivery: Delivery,
  event: DomainEvent,
  outgoing: Outgoing,
  at: number,
  deadline: Deadline,
): Promise<Attempt> {
  const { url, headers, body } = await createRequest(channel, delivery, event, at);
  const outcome = await sendRequest(
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
    // The jobs' lanes are its connections. Behind another channel's call its own time would run out.
    { ...outgoing, slots: new Semaphore(1) },
    deadline,
  );
  const { result } = outcome;
  const retryAfterMs =
    result instanceof FetchFailure
      ? null
      : parseRetryAfter(result.headers.get("Retry-After"), outgoing.clock.epochNow());
  return toDeliveryAttempt(outcome, { at, retryAfterMs, secrets: channel.secrets });
}

/** The `send_email` binding, as far as it is used here. */
interface EmailBinding {
  send(message: { from: string; to: string; subject: string; text: string }): Promise<unknown>;
}

/** Refusals of the binding that another attempt cannot mend. */
const FINAL_EMAIL_ERRORS = /^E_(?:SENDER|RECIPIENT|VALIDATION|CONTENT|TOO_MANY)/;

async function sendEmail(
  { from, to }: Extract<Channel, { type: "email" }>,
  event: DomainEvent,
  binding: unknown,
  at: number,
  { signal }: Deadline,
): Promise<Attempt> {
  if (!isEmailBinding(binding)) {
    const detail = "There is no send_email binding named EMAIL.";
    return { status: "failed", error: { code: "no-email-binding", detail, at } };
  }
  try {
    const text = `${event.text}\n\n${JSON.stringify(event.data, null, 2)}\n`;
    await untilAborted(binding.send({ from, to, subject: event.text, text }), signal);
    return { status: "succeeded", output: { at } };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "email-failed";
    const detail =
      error instanceof FetchFailure ? error.message : "The e-mail binding refused the message.";
    return {
      status: "failed",
      error: { code, detail, at },
      isFinal: FINAL_EMAIL_ERRORS.test(code),
    };
  }
}

function isEmailBinding(binding: unknown): binding is EmailBinding {
  return typeof binding === "object" && binding !== null && "send" in binding;
}
