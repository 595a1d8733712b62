// The command `serentak fetch`.
import type { CallResult, ExternalApiReply } from "../../client";
import type { Command, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import { formatBytes, formatDuration, formatNumber } from "../format";
import type { Terminal } from "../terminal";

const POLICIES = ["settled", "all", "any"] as const;

/** `serentak fetch URL…`: calls many URLs at once and prints each result as it arrives. */
export const fetchCommand: Command = {
  name: "fetch",
  usage: "URL [URL…]",
  summary: "call many URLs at once and print each as it arrives",
  about:
    "Up to 20 calls start at once in the Worker; one that fails never fails the others. Each line has the HTTP status, the time, the size and the URL. With --json: the whole reply, bodies included.",
  options: {
    policy: {
      value: "POLICY",
      help: "settled (default): all count; all: each must be ok; any: the first ok one wins",
    },
    timeout: { value: "MS", help: "for all calls together, in milliseconds" },
    retries: { value: "N", help: "further attempts for each call (default 2)" },
    select: { value: "EXPR", help: "keep this part of each JSON body (JMESPath)" },
  },
  examples: [
    "serentak fetch https://api.github.com/zen https://httpbin.org/json",
    "serentak fetch --json --select 'items[].name' https://api.example.com/list",
  ],
  run,
};

async function run({ args, flags, client, terminal, signal }: Run): Promise<ExitCode> {
  if (args.length === 0) throw new UsageError("fetch needs at least one URL.");
  const [retries, timeout_ms] = [flags.whole("retries"), flags.whole("timeout")];
  const select = flags.text("select");
  const policy = flags.choice("policy", POLICIES) ?? "settled";
  const requests = args.map((url) => ({ url, retries, select }));
  let arrived = 0;
  const onResult = (result: CallResult) => {
    arrived += 1;
    terminal.print(describe(result, args[Number(result.id)] ?? result.url, terminal));
    terminal.status(arrived === args.length ? "" : `waiting for ${args.length - arrived} more …`);
  };
  terminal.status(`waiting for ${args.length} …`);
  const request = { requests, policy, timeout_ms };
  const reply = await client.externalApi(request, { signal, onResult });
  terminal.printJson(reply);
  terminal.print(terminal.paint("dim", summarize(reply)));
  return isGood(reply) ? EXIT.done : EXIT.failed;
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
