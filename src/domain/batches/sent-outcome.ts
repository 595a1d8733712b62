// The form in which a lane sends its outcomes to the job: JSON, in which they are stored, and a large body in its bytes.
import { readExactJson } from "../../lib/exact-json";
import { HeldJson, type HeldParts } from "../../lib/held-json";
import type { LaneOutcome } from "../jobs/lanes";

/** An outcome as JSON, with the body of its receipt where that is held as bytes. */
export type SentOutcome = string | { readonly json: string; readonly body: HeldParts };

/** An outcome as it is sent, and the body in it that is held as bytes. */
export function apart(outcome: LaneOutcome): { sent: SentOutcome; body: HeldJson | null } {
  const { attempt } = outcome;
  const output: unknown = attempt?.status === "succeeded" ? attempt.output : null;
  const { body }: { readonly body?: unknown } = Object(output);
  if (!(body instanceof HeldJson)) return { sent: JSON.stringify(outcome), body: null };
  return { sent: { json: JSON.stringify(withBody(outcome, null)), body: body.parts }, body };
}

/** The outcome that was sent. Not validated, since a lane wrote it. */
export function joined(sent: SentOutcome): LaneOutcome {
  if (typeof sent === "string") return readExactJson(sent) as LaneOutcome;
  const { json, body } = sent;
  return withBody(readExactJson(json) as LaneOutcome, new HeldJson(body));
}

function withBody(outcome: LaneOutcome, body: HeldJson | null): LaneOutcome {
  const { attempt } = outcome;
  if (attempt?.status !== "succeeded") return outcome;
  return { ...outcome, attempt: { ...attempt, output: { ...Object(attempt.output), body } } };
}
