// Schemas of text for people: one line, such as a name, or several, such as a description. Invisible
// characters must not affect the surroundings: reverse the direction of a line, break a log, or make a name
// look empty.
import * as v from "valibot";
import { isLonger } from "../lib/is-longer";
import { lazyPattern } from "../lib/lazy";

/**
 * Control characters, lone surrogates, line and paragraph separators, and characters that change the
 * direction of text.
 */
const FORBIDDEN = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069`;
const BREAKS = String.raw`\t\n\r`;
/** A visible character, which each text needs: joiners, fillers (U+3164, U+115F) and the like do not count. */
const VISIBLE = String.raw`[^\p{White_Space}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]`;

const visible = lazyPattern(VISIBLE, "u");

/** One of the two kinds of text. */
interface Kind {
  /** Matches a forbidden character. */
  readonly forbidden: () => RegExp;
  /** The pattern of the whole text, for OpenAPI. */
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

/** A schema of one line of at most `maxCharacters` code points. Spaces around it are removed. */
export function oneLine(maxCharacters: number) {
  return v.pipe(textOf(ONE_LINE, maxCharacters), v.trim());
}

/** A schema of text of at most `maxCharacters` code points, with tabs and line breaks, which become LF. */
export function lines(maxCharacters: number) {
  return v.pipe(
    textOf(LINES, maxCharacters),
    v.transform((text) => text.replaceAll(/\r\n?/g, "\n")),
  );
}

function textOf(kind: Kind, maxLength: number) {
  const { pattern } = kind;
  // JSON Schema of the text, since the checks below do not convert.
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
