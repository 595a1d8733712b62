// The replies to the examples as the suite recorded them: `npm run record` writes the file anew.
import recorded from "./recorded-replies.json";

/** An answer of the Worker's, with samples in place of what differs from run to run. */
export interface RecordedReply {
  readonly status: number;
  readonly mediaType?: string;
  /** A JSON value, or text of the media type; none for 204 and 304. */
  readonly body?: unknown;
}

/** By operation id, then by the example's name. */
export const recordedReplies: Readonly<Record<string, Readonly<Record<string, RecordedReply>>>> =
  recorded;
