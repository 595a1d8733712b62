// Sign-ups that their address must confirm (`SIGN_UP = "confirmed"`): what callers learn of them, how many mails
// an address gets, and what a confirmed sign-up becomes.
import * as v from "valibot";
import { toIsoTime } from "../../lib/iso-time";
import type { Language } from "../../lib/languages";
import { revise } from "./revise";
import type { User } from "./users";

/**
 * The reply to every well-formed sign-up: the same for every address, so that nobody learns who is registered.
 */
export const ConfirmationSent = v.strictObject({
  status: v.literal("confirmation-sent"),
  detail: v.string(),
});
export type ConfirmationSent = v.InferOutput<typeof ConfirmationSent>;

/** The only value of `ConfirmationSent`. */
export const CONFIRMATION_SENT: ConfirmationSent = {
  status: "confirmation-sent",
  detail:
    "The address gets a mail that says how to go on. If none comes within minutes, look among the spam, or try again in an hour.",
};

/** The caller of a sign-up: its network address, or the key that the table made of that for a batch. */
export type Asker = { readonly address: string } | { readonly key: string };

/** Circumstances of a sign-up, as its effect keeps them until the mail is written. */
export interface Asking {
  /** The caller, as a keyed hash. */
  readonly caller: string;
  /** Origin of the request, for links. */
  readonly origin: string;
  /** Language of the mail. */
  readonly language: Language;
  /** The address that the confirmation leads to, or null. */
  readonly next: string | null;
}

/** Milliseconds after which a sign-up that nobody has confirmed is deleted. */
export const PENDING_LIFE_MS = 7 * 24 * 60 * 60_000;
/** Milliseconds for which the mails of sign-ups are counted, against the limits of an address and of a caller. */
export const COUNTED_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
const MAX_AN_HOUR = 3;
const MAX_A_DAY = 10;
const MAX_OF_A_CALLER_AN_HOUR = 20;

/** Instants of the mails of the last day, in milliseconds since 1970 UTC. */
export interface MailsSent {
  readonly toAddress: readonly number[];
  readonly byCaller: readonly number[];
}

/** Tells if a further mail stays within the bounds of its address and of its caller. */
export function mayMail({ toAddress, byCaller }: MailsSent, now: number): boolean {
  const since = (instants: readonly number[], ms: number) =>
    instants.filter((at) => at > now - ms).length;
  return (
    since(toAddress, HOUR_MS) < MAX_AN_HOUR &&
    since(toAddress, COUNTED_MS) < MAX_A_DAY &&
    since(byCaller, HOUR_MS) < MAX_OF_A_CALLER_AN_HOUR
  );
}

/** A user whose address is confirmed now, one version on; the same one if it was already. */
export function confirmUser(user: User, now: number): User {
  return revise(user, { ...user, confirmed_at: user.confirmed_at ?? toIsoTime(now) }, now);
}
