// Checks e-mail addresses by DNS over HTTPS.
import { checkEmail, EMAIL_CHECK_BUDGET_MS, type EmailChecker } from "../domain/email/check-email";
import type { Resolve } from "../domain/email/deliverability";
import { createDisposableTest } from "../domain/email/disposable-domains";
import { parseDnsJson } from "../domain/email/dns-answer";
import { DnsCache } from "../domain/email/dns-cache";
import { FetchFailure, sendRequest, type Outgoing } from "../domain/outgoing/outgoing-fetch";
import { readConfig } from "../env";
import { fixedLimit, startDeadline } from "../lib/deadline";
import { lazy } from "../lib/lazy";
import { systemClock } from "./clock";
import { createOutgoing } from "./outgoing";
import { readAsset, type AssetsEnv } from "./assets";

const MAX_ANSWER_BYTES = 64 * 1024;

/** Answers that this isolate has heard. */
const cache = new DnsCache(Date.now);

/** A checker for one invocation, whose queries share the invocation's connections. */
export function createEmailChecker(env: AssetsEnv): EmailChecker {
  const { config } = readConfig(env);
  const ownersWord = config.emailDomains;
  const resolve = lazy(() => {
    const asking = resolveOverHttps(config.dnsResolverUrl, createOutgoing(config));
    // A quick answer would tell of others at that domain, and here nobody may find out who signed up.
    return config.signUp === "confirmed" ? asking : cache.over(asking);
  });
  const isDisposable = (domain: string) => listed?.(domain) ?? loadAndAsk(domain, env);
  return async (email) => {
    const deadline = startDeadline(EMAIL_CHECK_BUDGET_MS, {
      clock: systemClock,
      reason: () => new FetchFailure("timeout", "The check took too long."),
    });
    try {
      return await checkEmail(email, {
        resolve: resolve(),
        isDisposable,
        ownersWord,
        limit: deadline,
      });
    } finally {
      deadline.clear();
    }
  };
}

/** Tells if a domain is in the list of throw-away ones, once that was read. */
let listed: ReturnType<typeof createDisposableTest> | undefined;

async function loadAndAsk(domain: string, env: AssetsEnv): Promise<boolean> {
  listed ??= createDisposableTest(await readAsset(env, "disposable-domains.txt"));
  return listed(domain);
}

/** Resolves names by DNS over HTTPS, in the JSON form that Cloudflare's and Google's resolvers share. */
function resolveOverHttps(resolverUrl: URL, outgoing: Outgoing): Resolve {
  return async (name, type, { signal }) => {
    const url = new URL(resolverUrl);
    url.searchParams.set("name", name);
    url.searchParams.set("type", type);
    const { result } = await sendRequest(
      {
        url,
        method: "GET",
        headers: { accept: "application/dns-json" },
        body: null,
        attemptTimeoutMs: EMAIL_CHECK_BUDGET_MS,
        retries: 0,
        maxRedirects: 0,
        maxBytes: MAX_ANSWER_BYTES,
      },
      outgoing,
      fixedLimit(outgoing.clock.now() + EMAIL_CHECK_BUDGET_MS, signal),
    );
    if (result instanceof FetchFailure) throw result;
    if (result.status !== 200)
      throw new FetchFailure("network", `The resolver answered ${result.status}.`);
    return parseDnsJson(JSON.parse(new TextDecoder().decode(result.bytes)));
  };
}
