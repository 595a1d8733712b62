// GET /llms.txt and /.well-known/security.txt: texts that name this deployment's own address.
import * as v from "valibot";
import type { RequestContext } from "../../http/request-context";
import { Reply, Text } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { toIsoTime } from "../../lib/iso-time";
import { readAsset } from "../../runtime/assets";

/** The text for language models that read of the API. */
export const llmsRoute = textRoute("/llms.txt", "getLlmsText", async ({ env }, address) =>
  (await readAsset(env, "llms.txt")).replaceAll("{origin}", address),
);

/** Milliseconds for which a caller may rely on the contact: each reply is new (RFC 9116 §2.5.5: below a year). */
const VALID_MS = 90 * 24 * 60 * 60_000;

/** The contact for those who have found a weakness (RFC 9116). */
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
      const text = await write(context, context.config.publicUrl ?? context.origin);
      return new Reply(new Text("text/plain; charset=utf-8", text), {});
    },
  });
}
