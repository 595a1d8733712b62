// GET /problems/<code>: the page to which a problem's `type` points.
import * as v from "valibot";
import { problems, type ProblemCode } from "../../http/problem";
import { Reply, Text } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { readAsset } from "../../runtime/assets";

const Explanations = v.record(v.string(), v.string());
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
    headers: ["Content-Security-Policy"],
  },
  problems: [],
  handler: async ({ params: { code } }, { env }) => {
    const explanations = v.parse(
      Explanations,
      JSON.parse(await readAsset(env, "explanations.json")),
    );
    return new Reply(new Text("text/html; charset=utf-8", page(code, explanations[code] ?? "")), {
      headers: { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'" },
    });
  },
});

function page(code: ProblemCode, explanation: string): string {
  const { status, title } = problems[code];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>
<h1>${title}</h1>
<p>${explanation.replace(/`([^`]+)`/g, "<code>$1</code>").replaceAll("<token>", "&lt;token&gt;")}</p>
<p>Status ${status}, code <code>${code}</code>.</p>
</html>
`;
}
