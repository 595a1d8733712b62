// A mail as the request of a service that sends mails.
import { signWebhook } from "../outgoing/webhook-signature";
import { parseSender, type Mail, type MailService } from "./mail";

/** The HTTP request that hands a mail to a service. */
export interface MailRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The request that has a service send a mail.
 *
 * @param id names the mail, so that a repeat is no second one
 * @param timestamp of the attempt, in milliseconds since 1970 UTC
 */
export async function createMailRequest(
  service: Extract<MailService, { url: URL }>,
  mail: Mail,
  id: string,
  timestamp: number,
): Promise<MailRequest> {
  const json = { "user-agent": "serentak", "content-type": "application/json" };
  const body = JSON.stringify(service.via === "resend" ? toResend(mail) : mail);
  if (service.via === "resend") {
    const headers = { ...json, authorization: `Bearer ${service.key}`, "idempotency-key": id };
    return { url: service.url, headers, body };
  }
  const message = { id, timestamp: Math.floor(timestamp / 1000), body };
  return {
    url: service.url,
    headers: { ...json, ...(await signWebhook(message, service.keys)) },
    body,
  };
}

function toResend({ reply_to, headers, ...mail }: Mail) {
  return {
    ...mail,
    ...(reply_to !== null && { reply_to }),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

/** A mail as the `send_email` binding takes it. */
export function toBindingMessage({ from, reply_to, headers, ...mail }: Mail) {
  const sender = parseSender(from);
  return {
    ...mail,
    from:
      sender === null || sender.name === null ? from : { name: sender.name, email: sender.address },
    ...(reply_to !== null && { replyTo: reply_to }),
    headers,
  };
}
