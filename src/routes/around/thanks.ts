// GET /thanks: the page that thanks after a form without `_next`.
import * as v from "valibot";
import type { Config } from "../../env";
import { THANKS_PATH } from "../../http/form-reply";
import { HTML_PAGE_HEADERS, pageReply } from "../../http/html-page";
import { preferredLanguage } from "../../http/language";
import { LANGUAGES } from "../../lib/languages";
import { pageTexts } from "../../http/page-texts";
import { linkBack } from "../../http/refusal-page";
import { defineRoute } from "../../http/route";
import { markup, type Html } from "../../lib/markup";

/** Thanks in the words of THANKS, or in built-in ones. */
export const thanksRoute = defineRoute({
  operationId: "thank",
  method: "GET",
  path: THANKS_PATH,
  access: "open",
  isFile: true,
  query: v.object({
    sign_up: v.optional(
      v.pipe(v.picklist(["mailed"]), v.description("Says that an address must be confirmed.")),
    ),
  }),
  reply: {
    status: 200,
    schema: v.string(),
    mediaTypes: ["text/html"],
    headers: HTML_PAGE_HEADERS,
  },
  problems: [],
  handler: ({ query: { sign_up } }, context) => {
    const { headers } = context.request;
    const language = preferredLanguage(headers, LANGUAGES);
    const { thanks, mailed } = pageTexts[language];
    const builtIn = sign_up === undefined ? thanks : mailed;
    const own = ownWords(context.config, headers);
    const text = [markup`<p>${builtIn.text}</p>\n`];
    // The owner's words thank; what is still to be done is said before them.
    const words = sign_up === undefined && own.length > 0 ? own : [...text, ...own];
    return pageReply({
      language,
      title: builtIn.title,
      content: [...words, ...linkBack(context, language)],
    });
  },
});

/** The owner's words in the language that fits best, one paragraph for each block of lines. */
function ownWords({ thanks }: Config, headers: Headers): Html[] {
  const [first, ...others] = thanks.keys();
  if (first === undefined) return [];
  const tag = preferredLanguage(headers, [first, ...others]);
  return (thanks.get(tag) ?? "")
    .split(/\n{2,}/)
    .map((block) =>
      tag === "" ? markup`<p>${block}</p>\n` : markup`<p lang="${tag}">${block}</p>\n`,
    );
}
