// Text that people read: on one line, such as a name, or on several, such as a description. What nobody sees
// must not change what is around it: a turned line, a broken log, a name that looks like nothing.
import * as v from "valibot";
import { isLonger } from "../lib/is-longer";
import { lazyPattern } from "../lib/lazy";

/** Controls, lone surrogates, line and paragraph separators, and what turns the direction of text. */
const FORBIDDEN = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069`;
const BREAKS = String.raw`\t\n\r`;
/** Joiners, fillers (U+3164, U+115F) and the like may stand beside it. */
const VISIBLE = String.raw`[^\p{White_Space}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]`;

const visible = lazyPattern(VISIBLE, "u");

/** One of the two kinds of text. */
interface Kind {
  /** Finds a character that it may not hold. */
  readonly forbidden: () => RegExp;
  /** All that it may hold, as OpenAPI tells it. */
  readonly pattern: string;
  readonly hint: string;
}

const ONE_LINE: Kind = {
  forbidden: lazyPattern(`[${FORBIDDEN}]`, "u"),
  pattern: `^[^${FORBIDDEN}]*${VISIBLE}[^${FORBIDDEN}]*$`,
  hint: "Holds control, line-separator or bidi characters",
};
const LINES: Kind = {
  forbidden: lazyPattern(`(?![${BREAKS}])[${FORBIDDEN}]`, "u"),
  pattern: `^([${BREAKS}]|[^${FORBIDDEN}])*${VISIBLE}([${BREAKS}]|[^${FORBIDDEN}])*$`,
  hint: "Holds control, line-separator or bidi characters besides tabs and line breaks",
};

/** One line of text of at most so many characters (code points), spaces around it taken off. */
export function oneLine(maxCharacters: number) {
  return v.pipe(textOf(ONE_LINE, maxCharacters), v.trim());
}

/** Text of at most so many characters (code points) that may hold tabs and line breaks, which become LF. */
export function lines(maxCharacters: number) {
  return v.pipe(
    textOf(LINES, maxCharacters),
    v.transform((text) => text.replaceAll(/\r\n?/g, "\n")),
  );
}

function textOf(kind: Kind, maxLength: number) {
  const { pattern } = kind;
  // What a check cannot tell the document by itself.
  const jsonSchema = { type: "string", minLength: 1, maxLength, pattern };
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? faultOf(dataset.value, kind, maxLength) : null;
      if (message !== null) addIssue({ message });
    }),
    v.metadata<string, { readonly jsonSchema: typeof jsonSchema }>({ jsonSchema }),
  );
}

function faultOf(text: string, { forbidden, hint }: Kind, maxCharacters: number): string | null {
  if (text.trim() === "") return "Empty";
  if (isLonger(text, maxCharacters)) return `More than ${maxCharacters} characters`;
  if (forbidden().test(text)) return hint;
  return visible().test(text) ? null : "Nothing in it is visible";
}
