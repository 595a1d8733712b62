// The one place where the console talks to its Worker.

/** What is sent: shown as curl and as client code, so that it can be repeated elsewhere. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** A text goes as it is, with the Content-Type of `headers`; anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One fault in a request body; `pointer` is a JSON Pointer in URI-fragment form. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** What a refusal says (RFC 9457), as far as the console shows it. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  /** The page that explains it, or null where the refusal is not one of the Worker's. */
  readonly type: string | null;
  readonly requestId: string | null;
  readonly errors: readonly Fault[];
  /** For a refused e-mail: the address that was probably meant. */
  readonly suggestion: string | null;
}

/** The Worker refused, or could not be reached. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/**
 * Sends a call and gives its response, always a 2xx.
 *
 * @param token the bearer token, or an empty text for none
 * @throws Refusal
 */
export async function send(
  call: ApiCall,
  token: string,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const headers = new Headers(headersOf(call));
  if (token !== "") headers.set("Authorization", `Bearer ${token}`);
  const body = call.body === undefined ? null : bodyOf(call);
  const response = await fetch(call.path, { method: call.method, headers, body, signal }).catch(
    (error: unknown) => {
      if (signal?.aborted) throw error;
      throw new Refusal(UNREACHABLE);
    },
  );
  if (!response.ok) throw new Refusal(await readProblem(response));
  return response;
}

/** The call's headers, the Content-Type of a JSON body included. */
export function headersOf({ body, headers = {} }: ApiCall): Record<string, string> {
  const isJson = body !== undefined && typeof body !== "string";
  return isJson ? { "Content-Type": "application/json", ...headers } : { ...headers };
}

/** The call's body as it goes over the wire. */
export function bodyOf({ body }: ApiCall): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** The values of an NDJSON response, each as soon as its line is there. */
export async function* readLines(response: Response): AsyncGenerator<unknown> {
  if (response.body === null) return;
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line);
  }
  if (rest !== "") yield JSON.parse(rest);
}

const UNREACHABLE: Problem = {
  title: "The Worker cannot be reached",
  detail: "Nothing answered. Is it still running, and is this device online?",
  status: 0,
  type: null,
  requestId: null,
  errors: [],
  suggestion: null,
};

async function readProblem(response: Response): Promise<Problem> {
  const document: unknown = await response.json().catch(() => null);
  // What is not there, or not of this form, reads as undefined and gets a default below.
  const { title, detail, type, request_id, errors, suggestion } = (document ?? {}) as Partial<
    Record<"title" | "detail" | "type" | "request_id" | "suggestion", string>
  > & { errors?: Fault[] };
  return {
    title: title ?? `The answer was ${response.status}`,
    detail: detail ?? "It came with no explanation.",
    status: response.status,
    type: type ?? null,
    requestId: request_id ?? null,
    errors: errors ?? [],
    suggestion: suggestion ?? null,
  };
}
