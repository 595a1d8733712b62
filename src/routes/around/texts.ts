// GET /llms.txt and /.well-known/security.txt: texts that name this deployment's own address.
import * as v from "valibot";
import type { RequestContext } from "../../http/request-context";
import { Reply, Text } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { toIsoTime } from "../../lib/iso-time";
import { readAsset } from "../../runtime/assets";

/** What programs that read should know of the API. */
export const llmsRoute = textRoute("/llms.txt", "getLlmsText", async ({ env }, address) =>
  (await readAsset(env, "llms.txt")).replaceAll("{origin}", address),
);

/** How long a caller may rely on it: it is made anew for each (RFC 9116 §2.5.5 advises less than a year). */
const VALID_MS = 90 * 24 * 60 * 60_000;

/** Whom to tell of a weakness (RFC 9116). */
export const securityTextRoute = textRoute(
  "/.well-known/security.txt",
  "getSecurityText",
  ({ config }, address) =>
    [
      `Contact: ${config.securityContact ?? `${address}/`}`,
      `Expires: ${toIsoTime(Date.now() + VALID_MS)}`,
      "Preferred-Languages: en, id",
      `Canonical: ${address}/.well-known/security.txt`,
      "",
    ].join("\n"),
);

function textRoute(
  path: string,
  operationId: string,
  write: (context: RequestContext, address: string) => string | Promise<string>,
) {
  return defineRoute({
    operationId,
    method: "GET",
    path,
    access: "open",
    isFile: true,
    reply: { status: 200, schema: v.string(), mediaTypes: ["text/plain"] },
    problems: [],
    handler: async (_, context) => {
      const address = context.config.publicUrl ?? context.origin;
      const text = await write(context, address.replace(/\/$/, ""));
      return new Reply(new Text("text/plain; charset=utf-8", text), {});
    },
  });
}
