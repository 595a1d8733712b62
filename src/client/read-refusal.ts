// Converts a refused response into an error.
import { parseRetryAfter } from "../lib/retry-delay";
import { type Problem, SerentakError } from "./error";

/** The error of a response that is not ok. `now` is in milliseconds since 1970 UTC. */
export async function readRefusal(response: Response, now: number): Promise<SerentakError> {
  const retryAfterMs = parseRetryAfter(response.headers.get("Retry-After"), now);
  const seconds = retryAfterMs === null ? null : retryAfterMs / 1000;
  return new SerentakError(parseProblem(await response.text()) ?? strangeReply(response), seconds);
}

function parseProblem(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    // A body with `code` and `detail` is a problem document of the Worker.
    return isObject(value) && "code" in value && "detail" in value ? (value as Problem) : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The error of a response that does not come from the Worker, such as a proxy's error page. */
export function unexpectedReply(response: Response): SerentakError {
  return new SerentakError(strangeReply(response));
}

function strangeReply({ status, headers }: Response): Problem {
  const type = headers.get("Content-Type") ?? "nothing";
  return {
    type: "about:blank",
    title: "This is no reply of Serentak",
    status,
    detail: `Expected a reply of Serentak; this is ${type} from something else. Check the base URL.`,
    code: "unexpected-reply",
    request_id: headers.get("Request-Id") ?? "",
  };
}
