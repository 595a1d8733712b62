// Reads what the Worker answers, and tells it from what somebody else answers in its place: a captive
// portal, a proxy, a wrong address.
import { parseRetryAfter } from "../lib/retry-delay";
import { type Problem, SerentakError } from "./error";

/** Converts a refused response into an error. `now` is in milliseconds since 1970 UTC. */
export async function readRefusal(response: Response, now: number): Promise<SerentakError> {
  const retryAfterMs = parseRetryAfter(response.headers.get("Retry-After"), now);
  const seconds = retryAfterMs === null ? null : retryAfterMs / 1000;
  const problem = parseObject(await response.text(), ["code"]);
  return new SerentakError(isProblem(problem) ? problem : foreignReply(response), seconds);
}

/**
 * Parses a text that is an object in JSON with one of these members: the Worker's have one, others do not.
 *
 * @returns undefined for any other text
 */
export function parseObject(
  text: string,
  members: readonly string[] | undefined,
): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return (members?.some((member) => member in value) ?? true) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Parses an object that is a part of a stream.
 *
 * @throws SerentakError `unexpected-reply` where `parseObject` gives none
 */
export function readPart(text: string, members: readonly string[]): object {
  const part = parseObject(text, members);
  if (part === undefined)
    throw new SerentakError(foreignReply({ status: 200, headers: new Headers() }));
  return part;
}

/** The problem with a reply that does not come from the Worker, such as a proxy's page. */
export function foreignReply({ status, headers }: Pick<Response, "status" | "headers">): Problem {
  const type = headers.get("Content-Type") ?? "something unknown";
  return {
    type: "about:blank",
    title: "This is no reply of Serentak",
    status,
    detail: `Expected a reply of Serentak; this is ${type} from something else. Check the base URL.`,
    code: "unexpected-reply",
    request_id: headers.get("Request-Id") ?? "",
  };
}

function isProblem(problem: object | undefined): problem is Problem {
  const { detail, errors = [] }: Partial<Problem> = problem ?? {};
  return typeof detail === "string" && Array.isArray(errors);
}
