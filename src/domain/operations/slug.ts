// Texts as parts of a URL. The spellings of letters in ASCII are the library's of that name, as a table that
// lies beside the script: it is larger than all operations on texts together.
import { overChars } from "./errors";
import { normalized } from "./graphemes";
import type { Run } from "./operation";
import { lazyTable } from "./tables";
import { lazyPattern } from "../../lib/lazy";

/** Spellings by letter: those of all languages, and under its own tag what a language spells otherwise. */
export type Transliterations = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Under which the spellings of all languages stand. */
export const ANY_LANGUAGE = "any";

const MAX_INPUT_CHARS = 10_000;

// Punctuation would join the words around it; of symbols only `&` and `%` are words to a reader.
const WORD_BREAKS = lazyPattern(String.raw`[^\p{L}\p{M}\p{N}\s&%'\u2019]+`, "gu");
const SPELT = /[^A-Za-z0-9\s]/g;

// Written by our own build, so the shape is known.
const useTable = lazyTable(
  "transliterations.json",
  (json) => new Map(Object.entries(JSON.parse(json) as Transliterations)),
);

/** A text in lower-case ASCII letters and digits, its words parted by a separator. */
export function slugify(
  written: string,
  separator: string,
  language: string,
  run: Run,
): string | Promise<string> {
  const text = normalized(written, "NFKC");
  if (text.length > MAX_INPUT_CHARS) throw overChars("The text", MAX_INPUT_CHARS);
  return useTable(run, (tables) => {
    const own = tables.get(language);
    const all = tables.get(ANY_LANGUAGE);
    return text
      .replaceAll(WORD_BREAKS(), " ")
      .replaceAll(SPELT, (letter) => own?.[letter] ?? all?.[letter] ?? "")
      .trim()
      .replaceAll(/\s+/g, separator)
      .toLowerCase();
  });
}
