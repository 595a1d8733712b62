// Replies to the documentation's examples, as the test suite recorded them; `npm run record` rewrites the
// file.
import recorded from "./recorded-replies.json";

/** A reply of the Worker, with samples in place of values that differ from run to run. */
export interface RecordedReply {
  readonly status: number;
  readonly mediaType?: string;
  /** A JSON value, or text of the media type; none for 204 and 304. */
  readonly body?: unknown;
}

/** Recorded replies by operation id, then by the example's name. */
export const recordedReplies: Readonly<Record<string, Readonly<Record<string, RecordedReply>>>> =
  recorded;
