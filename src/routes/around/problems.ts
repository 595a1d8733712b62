// GET /problems/<code>: the page to which a problem's `type` points.
import * as v from "valibot";
import { HTML_PAGE_HEADERS, pageReply } from "../../http/html-page";
import { problems, type ProblemCode } from "../../http/problem";
import { defineRoute } from "../../http/route";
import { markup, type Html } from "../../lib/markup";
import { readAsset } from "../../runtime/assets";

const Explanations = v.record(v.string(), v.string());
// Cast, since `keys` forgets the names.
const CODES = Object.keys(problems) as ProblemCode[];

/** Explains one code, as a page or as JSON. */
export const problemsRoute = defineRoute({
  operationId: "explainProblem",
  method: "GET",
  path: "/problems/:code",
  access: "open",
  isFile: true,
  params: v.object({ code: v.picklist(CODES) }),
  reply: {
    status: 200,
    schema: v.string(),
    mediaTypes: ["text/html"],
    headers: HTML_PAGE_HEADERS,
  },
  problems: [],
  handler: async ({ params: { code } }, { env }) => {
    const explanations = v.parse(
      Explanations,
      JSON.parse(await readAsset(env, "explanations.json")),
    );
    const { status, title } = problems[code];
    const content = [
      markup`<p>${withCode(explanations[code] ?? "")}</p>`,
      markup`<p>Status ${status}, code <code>${code}</code>.</p>`,
    ];
    return pageReply({ language: "en", title, content });
  },
});

/** The text, with what is between backticks as code. */
function withCode(text: string): Html[] {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 0 ? markup`${part}` : markup`<code>${part}</code>`));
}
