// The command `serentak fetch`.
import type { CallResult, ExternalApiReply, ExternalApiRequest } from "../../client";
import type { Command, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import type { Flags } from "../flags";
import { formatBytes, formatDuration, formatNumber } from "../format";
import { readWhole } from "../item-source";
import type { Terminal } from "../terminal";

const POLICIES = ["settled", "all", "any"] as const;

/** `serentak fetch URL…`: calls many URLs at once and prints each result as it arrives. */
export const fetchCommand: Command = {
  name: "fetch",
  usage: "URL [URL…] | --request FILE",
  summary: "call many URLs at once and print each as it arrives",
  about:
    "Up to 20 calls start at once in the Worker; one that fails never fails the others. Each line has the HTTP status, the time, the size and the URL. With --json: the whole reply, bodies included. A call that waits for another (`after`, in a request) stands below it, indented.",
  options: {
    policy: {
      value: "POLICY",
      help: "settled (default): all count; all: each must be ok; any: the first ok one wins",
    },
    timeout: { value: "MS", help: "for all calls together, in milliseconds" },
    retries: { value: "N", help: "further attempts for each call (default 2)" },
    select: { value: "EXPR", help: "keep this part of each JSON body (JMESPath)" },
    request: {
      value: "FILE",
      help: "a whole request of /external-api in JSON; - is standard input",
    },
  },
  examples: [
    "serentak fetch https://api.github.com/zen https://httpbin.org/json",
    "serentak fetch --json --select 'items[].name' https://api.example.com/list",
    "serentak fetch --request calls.json",
  ],
  run,
};

async function run({ args, flags, client, terminal, signal }: Run): Promise<ExitCode> {
  const request = await readRequest(args, flags);
  const names = namesOf(request);
  let arrived = 0;
  const onResult = (result: CallResult) => {
    arrived += 1;
    terminal.print(describe(result, names.get(result.id) ?? result.url, terminal));
    terminal.status(arrived === names.size ? "" : `waiting for ${names.size - arrived} more …`);
  };
  terminal.status(`waiting for ${names.size} …`);
  const reply = await client.externalApi(request, { signal, onResult });
  terminal.printJson(reply);
  terminal.print(terminal.paint("dim", summarize(reply)));
  return isGood(reply) ? EXIT.done : EXIT.failed;
}

/** The request that the file or the arguments and flags describe. @throws UsageError */
async function readRequest(args: readonly string[], flags: Flags): Promise<ExternalApiRequest> {
  const file = flags.text("request");
  const timeout_ms = flags.whole("timeout");
  const policy = flags.choice("policy", POLICIES);
  const overall = { ...(policy && { policy }), ...(timeout_ms && { timeout_ms }) };
  if (file === undefined) {
    if (args.length === 0) throw new UsageError("fetch needs at least one URL.");
    const [retries, select] = [flags.whole("retries"), flags.text("select")];
    return { requests: args.map((url) => ({ url, retries, select })), ...overall };
  }
  if (args.length > 0) throw new UsageError("fetch takes either URLs or --request.");
  return { ...parseRequest(await readWhole(file)), ...overall };
}

/** Checked no further: the Worker says what is wrong with it, and where. */
function parseRequest(text: string): ExternalApiRequest {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError("The request is not JSON.");
  }
}

/** The name that each call is shown by, by its id; one that waits for others is indented. */
function namesOf({ urls, requests }: ExternalApiRequest): ReadonlyMap<string, string> {
  const calls = requests ?? urls?.map((url) => ({ url })) ?? [];
  return new Map(
    calls.map((call: NonNullable<ExternalApiRequest["requests"]>[number], index) => {
      const name = call.url ?? `${call.upstream ?? ""}:${call.path ?? "/"}`;
      return [call.id ?? String(index), call.after === undefined ? name : `  ↳ ${name}`];
    }),
  );
}

function isOk(result: CallResult): boolean {
  return result.status === "fulfilled" && result.ok;
}

function isGood({ policy, results }: ExternalApiReply): boolean {
  return policy === "any" ? results.some(isOk) : results.every(isOk);
}

function describe(result: CallResult, url: string, { paint }: Terminal): string {
  const time = formatDuration(result.duration_ms).padStart(9);
  if (result.status === "rejected") {
    const { code, detail } = result.error;
    if (code === "cancelled")
      return paint("dim", ` –  ${time} ${"–".padStart(9)}  ${url}  not needed any more`);
    return `${paint("red", " ✗ ")} ${time} ${"–".padStart(9)}  ${url}  ${paint("red", `${code}: ${detail}`)}`;
  }
  const status = paint(result.ok ? "green" : "yellow", String(result.http_status));
  return `${status} ${time} ${formatBytes(result.bytes).padStart(9)}  ${url}`;
}

/** The time saved: the sum of all calls' times against the time that passed. */
function summarize({ results, duration_ms }: ExternalApiReply): string {
  // Cancelled calls are left out: nobody would have waited for them one after another.
  const needed = results.filter(
    (result) => result.status === "fulfilled" || result.error.code !== "cancelled",
  );
  const sumMs = needed.reduce((sum, result) => sum + result.duration_ms, 0);
  const good = results.filter(isOk).length;
  return `${formatNumber(results.length, "call")}, ${good} ok: ${formatDuration(sumMs)} of waiting in ${formatDuration(duration_ms)}`;
}
