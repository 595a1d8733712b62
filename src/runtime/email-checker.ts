// Checks e-mail addresses by DNS over HTTPS.
import { checkEmail, EMAIL_CHECK_BUDGET_MS, type EmailChecker } from "../domain/email/check-email";
import type { Resolve } from "../domain/email/deliverability";
import { createDisposableTest } from "../domain/email/disposable-domains";
import { parseDnsJson } from "../domain/email/dns-answer";
import { FetchFailure, sendRequest, type Outgoing } from "../domain/outgoing/outgoing-fetch";
import { readConfig } from "../env";
import { createOutgoing } from "./outgoing";
import { readAsset } from "./assets";

const MAX_ANSWER_BYTES = 64 * 1024;

/** A checker for one invocation, whose queries share the invocation's connections. */
export function createEmailChecker(env: Env): EmailChecker {
  const { config } = readConfig(env);
  const resolve = resolveOverHttps(config.dnsResolverUrl, createOutgoing(config));
  const isDisposable = (domain: string) => isListed(domain, env);
  return (email) => {
    const deadline = AbortSignal.timeout(EMAIL_CHECK_BUDGET_MS);
    return checkEmail(email, { resolve, isDisposable, deadline });
  };
}

let listed: ReturnType<typeof createDisposableTest> | undefined;

/** True if a domain is listed as one of disposable mailboxes. The list is loaded at first use. */
async function isListed(domain: string, env: Env): Promise<boolean> {
  listed ??= createDisposableTest(await readAsset(env, "disposable-domains.txt"));
  return listed(domain);
}

/** Resolves names by DNS over HTTPS, in the JSON form that Cloudflare's and Google's resolvers share. */
function resolveOverHttps(resolverUrl: URL, outgoing: Outgoing): Resolve {
  return async (name, type, signal) => {
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
      { at: outgoing.clock.now() + EMAIL_CHECK_BUDGET_MS, signal },
    );
    if (result instanceof FetchFailure) throw result;
    if (result.status !== 200)
      throw new FetchFailure("network", `The resolver answered ${result.status}.`);
    return parseDnsJson(JSON.parse(new TextDecoder().decode(result.bytes)));
  };
}
