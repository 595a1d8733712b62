// Refusals as pages, for visitors whose browser shows the reply to a form: which fields are at fault, and the
// way back. A likely typo of an address becomes a question that sends the form again.
import * as v from "valibot";
import { LANGUAGES, type Language } from "../lib/languages";
import { markup, type Html } from "../lib/markup";
import { pointerPath } from "../lib/pointer-path";
import { formOf, INSISTENCE, type Form } from "./form";
import { HTML_TYPE, renderPage } from "./html-page";
import { preferredLanguage } from "./language";
import { nextPageOf } from "./next-page";
import { pageTexts, refusalText } from "./page-texts";
import type { RequestContext } from "./request-context";
import type { Written } from "./respond";

/** The members of a problem document that a page shows. */
const ProblemDocument = v.object({
  code: v.string(),
  request_id: v.string(),
  errors: v.optional(v.array(v.object({ pointer: v.string(), detail: v.string() })), []),
  reason: v.optional(v.string(), ""),
  suggestion: v.optional(v.string()),
});
type ProblemDocument = v.InferOutput<typeof ProblemDocument>;

/** The reason of a refusal that is a question: the address may be right after all. */
const DOUBT = "likely-typo";

/** The page for a refusal, in place of its problem document. Status and other headers stay. */
export function refusalPage(
  context: RequestContext,
  { status, headers, content }: Written & { content: string },
): Written {
  const problem = v.parse(ProblemDocument, JSON.parse(content));
  const language = preferredLanguage(context.request.headers, LANGUAGES);
  const form = formOf(context.request);
  const page =
    problem.reason === DOUBT && problem.suggestion !== undefined && form !== undefined
      ? questionPage(context, form, problem.suggestion, language)
      : faultsPage(context, problem, language);
  const rendered = renderPage({ ...page, language });
  return {
    status,
    headers: { ...headers, ...rendered.headers, "Content-Type": HTML_TYPE },
    content: rendered.text,
  };
}

function faultsPage(context: RequestContext, problem: ProblemDocument, language: Language) {
  const texts = pageTexts[language];
  const { errors, reason } = problem;
  const { title, text } = refusalText(texts, problem.code);
  const items = errors.map(({ pointer, detail }) => {
    const [name = ""] = pointerPath(pointer);
    const { label, hint } = texts.fields[name] ?? { label: "", hint: texts.otherField };
    const code = markup`<code><bdi>${name}</bdi></code>`;
    const field =
      label === "" ? markup`<strong>${code}</strong>` : markup`<strong>${label}</strong> (${code})`;
    // Only these words are in the language of the page; details are in English.
    const more = language === "en" && reason === "" ? [markup` <small>${detail}.</small>`] : [];
    return markup`<li>${field}: ${texts.reasons[reason] ?? hint}${more}</li>\n`;
  });
  const list = items.length === 0 ? [] : [markup`<ul>\n${items}</ul>\n`];
  return {
    title,
    content: [
      markup`<p>${text}</p>\n`,
      ...list,
      ...wayBack(context, language),
      markup`<p><small>${texts.details}: <a href="/problems/${problem.code}">${problem.code}</a>, ${problem.request_id}</small></p>`,
    ],
  };
}

/** Asks which of two addresses is right; either answer sends the form again, as it was. */
function questionPage(
  context: RequestContext,
  { fields }: Form,
  suggestion: string,
  language: Language,
) {
  const { doubt, fields: labels } = pageTexts[language];
  const typed = fields.find(([name]) => name === "email")?.[1] ?? "";
  const next = nextPageOf(context);
  const token = formOf(context.request)?.challengeToken ?? null;
  const kept: (readonly [string, string])[] = [
    ...fields.filter(([name]) => name !== "email"),
    ...(next === null ? [] : [["_next", next] as const]),
    ...(token === null ? [] : [["cf-turnstile-response", token] as const]),
  ];
  const inputs = kept.map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  return {
    title: filled(doubt.title, suggestion),
    formTargets: next === null ? [] : [new URL(next).origin],
    content: [
      markup`<p>${labels["email"]?.label ?? ""}: <bdi>${typed}</bdi></p>
<form method="post">
${inputs}<button name="email" value="${suggestion}">${filled(doubt.use, suggestion)}</button>
<button name="${INSISTENCE}" value="${typed}">${filled(doubt.keep, typed)}</button>
</form>
`,
      ...wayBack(context, language),
    ],
  };
}

function filled(text: string, email: string): string {
  return text.replaceAll("{email}", () => email);
}

/** Leads back to the form, in which the browser has kept what was filled in. */
function wayBack(context: RequestContext, language: Language): Html[] {
  return [markup`<p>${pageTexts[language].backHint}</p>\n`, ...linkBack(context, language)];
}

/** A link to the page that the visitor comes from, if that is told and allowed. */
export function linkBack({ request, config, origin }: RequestContext, language: Language): Html[] {
  const url = URL.parse(request.headers.get("Referer") ?? "");
  if (url === null || !/^https?:$/.test(url.protocol)) return [];
  if (url.origin !== origin && !config.origins.has(url.origin)) return [];
  return [markup`<p><a href="${url.href}">${pageTexts[language].back}</a></p>\n`];
}
