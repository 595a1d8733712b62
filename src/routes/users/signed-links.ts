// GET and POST /users/confirm and /users/unsubscribe: the links in mails. Programs that look through mails open
// every link, so a GET changes nothing: its page has one button, which sends a POST to the same address. The
// token alone authorises that, and the body is ignored (RFC 8058 sends one).
import * as v from "valibot";
import { DomainError } from "../../domain/errors";
import { MAX_TOKEN_CHARACTERS, type Link, type LinkPurpose } from "../../domain/links/link";
import { HTML_PAGE_HEADERS, pageReply } from "../../http/html-page";
import { preferredLanguage } from "../../http/language";
import { LANGUAGES } from "../../lib/languages";
import { nextPage } from "../../http/next-page";
import { HttpError } from "../../http/problem";
import { accepts, Reply, type Text } from "../../http/reply";
import type { RequestContext } from "../../http/request-context";
import { defineRoute } from "../../http/route";
import { markup } from "../../lib/markup";
import { openLink } from "../../runtime/links";
import { usersIn } from "../../runtime/tables";
import { askerOf } from "../record-replies";
import { LINK_TEXTS, type LinkPageText } from "./link-texts";

const LinkQuery = v.object({
  token: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(MAX_TOKEN_CHARACTERS, "too long"),
      v.description("As the link in the mail has it."),
    ),
    "",
  ),
});

type PageReply = Reply<Text | undefined>;

/** Parts that the definitions of the four routes share. */
const shared = {
  access: "link",
  isFile: true,
  query: LinkQuery,
  problems: ["not-found", "gone"],
} as const;
const reply = {
  status: 200,
  schema: v.string(),
  mediaTypes: ["text/html"],
  headers: HTML_PAGE_HEADERS,
} as const;

/** Shows the page that asks to confirm an address. */
export const showConfirmationRoute = pageRoute("confirm", "showConfirmation");
/** Confirms an address. */
export const confirmUserRoute = actionRoute("confirm", "confirmUser", async (link, context) => {
  const { env, origin, config } = context;
  const outcome = await usersIn(env).confirm(link.recordId, origin);
  if (outcome === "gone") return refuse(context, "gone", textsOf(context).confirm.gone);
  // Origins may have been taken off the list since the link was signed.
  const next = link.next && nextPage(link.next, null, { ...config, ownOrigin: origin });
  if (next === null) return page(context, textsOf(context).confirm.done);
  return new Reply(undefined, { status: 303, headers: { Location: next } });
});
/** Shows the page that asks to unsubscribe. */
export const showUnsubscribingRoute = pageRoute("unsubscribe", "showUnsubscribing");
/** Deletes a user, or a sign-up. */
export const unsubscribeUserRoute = actionRoute(
  "unsubscribe",
  "unsubscribeUser",
  async ({ recordId }, context) => {
    await usersIn(context.env).unsubscribe(recordId);
    return page(context, textsOf(context).unsubscribe.done);
  },
);

function pageRoute(purpose: LinkPurpose, operationId: string) {
  return defineRoute({
    ...shared,
    operationId,
    method: "GET",
    path: `/users/${purpose}`,
    reply,
    handler: async ({ query: { token } }, context) => {
      const texts = textsOf(context);
      const opened = await openLink(context.env, token, purpose);
      if (opened.state === "forged") return refuse(context, "not-found", texts.forged);
      if (opened.state === "expired") return refuse(context, "gone", texts[purpose].expired);
      return page(context, texts[purpose].ask, opened.link);
    },
  });
}

function actionRoute(
  purpose: LinkPurpose,
  operationId: string,
  use: (link: Link, context: RequestContext) => Promise<PageReply>,
) {
  return defineRoute({
    ...shared,
    operationId,
    method: "POST",
    path: `/users/${purpose}`,
    reply,
    otherReplies: purpose === "confirm" ? [{ status: 303, headers: ["Location"] }] : [],
    handler: async ({ query: { token } }, context) => {
      const opened = await openLink(context.env, token, purpose);
      if (opened.state === "forged") return refuse(context, "not-found", textsOf(context).forged);
      if (opened.state === "valid") return use(opened.link, context);
      if (purpose === "confirm") return renew(opened.link, context);
      return refuse(context, "gone", textsOf(context)[purpose].expired);
    },
  });
}

/** Mails another link in place of an expired one, which confirms nothing. */
async function renew({ recordId, next }: Link, context: RequestContext): Promise<PageReply> {
  const { env, origin, request } = context;
  const language = preferredLanguage(request.headers, LANGUAGES);
  const asker = askerOf(request.headers);
  await usersIn(env).askAgain(recordId, { asker, origin, language, next });
  return refuse(context, "gone", textsOf(context).renewed);
}

/** A refusal as a page for browsers, and as a problem for everything else. */
function refuse(
  context: RequestContext,
  code: "not-found" | "gone",
  text: LinkPageText,
): PageReply {
  if (accepts(context.request.headers, "text/html"))
    return page(context, text, null, code === "gone" ? 410 : 404);
  const detail = `${text.title}. ${text.text}`;
  throw code === "gone" ? new DomainError(code, detail) : new HttpError(code, detail);
}

function page(
  { request }: RequestContext,
  { title, text, button }: LinkPageText,
  link: Link | null = null,
  status?: number,
): PageReply {
  const language = preferredLanguage(request.headers, LANGUAGES);
  // A form without an action leads to the address that it stands under, with the token.
  const form = button && markup`<form method="post"><button>${button}</button></form>`;
  const targets = link?.next ? [new URL(link.next).origin] : [];
  return pageReply(
    {
      language,
      title,
      content: [markup`<p>${text}</p>`, ...(form ? [form] : [])],
      formTargets: form ? targets : undefined,
    },
    status,
  );
}

function textsOf({ request }: RequestContext) {
  return LINK_TEXTS[preferredLanguage(request.headers, LANGUAGES)];
}
