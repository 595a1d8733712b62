// The settings of a channel, as the operator writes them in CHANNELS.
import * as v from "valibot";
import { lazySchema } from "../../lib/lazy-schema";
import { eventsOf } from "./events";

const Text = v.pipe(v.string(), v.maxLength(2048));
/** The rates of `lib/rate.ts`, but for those of a day. */
const RATE = /^([1-9]\d{0,5})\/(s|min|h)$/;

const shared = {
  /** `task.*` is all events of tasks, `*` is all. */
  events: v.optional(
    v.array(
      v.pipe(
        Text,
        v.check((pattern) => eventsOf(pattern).length > 0, "No such event"),
      ),
    ),
    [],
  ),
  /** Messages in a time: `1/s`, `30/min`, `100/h`. */
  rate: v.exactOptional(v.pipe(v.string(), v.regex(RATE, "Not a rate such as 1/s, 30/min, 100/h"))),
  /** True if callers without a token may name it. */
  public: v.optional(v.boolean(), false),
  /** True if it gets alerts: another channel was disabled, or a delivery has failed for good. */
  alerts: v.optional(v.boolean(), false),
};
/** True if many waiting deliveries are sent as one digest. */
const digest = v.optional(v.boolean(), true);
const chat = <const Type extends string>(type: Type) =>
  v.strictObject({ type: v.literal(type), url: Text, digest, ...shared });

/** One entry of CHANNELS as the operator writes it. */
export const ChannelSettings = lazySchema(() =>
  v.variant("type", [
    v.strictObject({
      type: v.literal("webhook"),
      url: Text,
      // Two while a secret is being replaced: both sign.
      secret: v.union([Text, v.pipe(v.array(Text), v.minLength(1), v.maxLength(2))]),
      ...shared,
    }),
    chat("slack"),
    chat("discord"),
    v.strictObject({
      type: v.literal("telegram"),
      token: Text,
      chat: v.union([Text, v.pipe(v.number(), v.safeInteger())]),
      /** Address of the Bot API server, which may be one's own. */
      url: v.optional(Text, "https://api.telegram.org"),
      digest,
      ...shared,
    }),
    v.strictObject({
      type: v.literal("ntfy"),
      url: Text,
      token: v.exactOptional(Text),
      digest,
      ...shared,
    }),
    v.strictObject({
      type: v.literal("email"),
      to: v.union([Text, v.pipe(v.array(Text), v.minLength(1), v.maxLength(50))]),
      /** `MAIL.from` unless it is given. */
      from: v.exactOptional(Text),
      digest: v.optional(v.boolean(), false),
      ...shared,
    }),
  ]),
);
export type ChannelSettings = v.InferOutput<typeof ChannelSettings>;
