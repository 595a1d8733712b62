// Replies to forms: a browser is led to the next page, or shown what was refused. The record, its reply under
// an Idempotency-Key and its events are those of the same request in JSON.
import { formOf, isForm, wantsPage } from "./form";
import { nextPageOf } from "./next-page";
import type { RequestContext } from "./request-context";
import type { Written } from "./respond";

/** The path of the built-in page that thanks. */
export const THANKS_PATH = "/thanks";
/** The same for whoever must first confirm an address. Whatever the address, so that it tells nothing. */
const MAILED_PATH = `${THANKS_PATH}?sign_up=mailed`;

/** The reply as the sender of a form gets it; any other reply as it is. */
export function replyToForm(context: RequestContext, written: Written): Written | Promise<Written> {
  if (!context.takesForms) return written;
  const { status, content } = written;
  if (status < 400) return isForm(context) ? leadOn(context, written) : written;
  return wantsPage(context) && typeof content === "string"
    ? showRefusal(context, { ...written, content })
    : written;
}

/** Loads the texts of refusals at first use: most isolates show none. */
async function showRefusal(
  context: RequestContext,
  written: Written & { content: string },
): Promise<Written> {
  const { refusalPage } = await import("./refusal-page");
  return refusalPage(context, written);
}

/** Leads on by a 303, which makes the browser get the next page (RFC 9110 §15.4.4). */
function leadOn(context: RequestContext, { headers }: Pick<Written, "headers">): Written {
  const next = nextPageOf(context);
  if (next === null && formOf(context.request)?.next) log(context, "next-ignored");
  const replayed = headers["Idempotency-Replayed"];
  return {
    status: 303,
    headers: {
      Location: next ?? (asksToConfirm(context) ? MAILED_PATH : THANKS_PATH),
      ...(replayed !== undefined && { "Idempotency-Replayed": replayed }),
    },
    content: null,
  };
}

/** True for a sign-up that its address must confirm. */
function asksToConfirm({ route, config, caller }: RequestContext): boolean {
  return route === "/users" && config.signUp === "confirmed" && caller.kind === "anonymous";
}

/** The reply to a form that a program filled in: it looks like any other, and nothing was kept. */
export function replyToTrap(context: RequestContext): Written {
  log(context, "honeypot");
  return leadOn(context, { headers: {} });
}

function log({ requestId, route }: RequestContext, event: string): void {
  console.log(JSON.stringify({ level: "info", event, request_id: requestId, route }));
}
