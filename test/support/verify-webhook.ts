// A receiver's check of a delivery, with the libraries that receivers use.
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";

/** The payload of a delivery. Throws unless both libraries accept signature and time. */
export function verifyWebhook(
  secret: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): unknown {
  new SvixWebhook(secret).verify(body, headers);
  return new Webhook(secret).verify(body, headers);
}
