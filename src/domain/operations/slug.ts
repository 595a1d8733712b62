// Converts texts into parts of a URL. The ASCII spellings of letters come from the library `slugify`, as a
// table that is an asset beside the script, since it is larger than all text operations together.
import { overChars } from "./errors";
import { normalized } from "./graphemes";
import type { Run } from "./operation";
import { lazyTable } from "./tables";
import { lazyPattern } from "../../lib/lazy";

/** ASCII spellings by language and letter; a language lists only those that differ from ANY_LANGUAGE. */
export type Transliterations = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The key of the spellings that hold for all languages. */
export const ANY_LANGUAGE = "any";

const MAX_INPUT_CHARS = 10_000;

// Punctuation separates words, instead of joining those around it. Of the symbols, only `&` and `%` are spelt
// out as words.
const WORD_BREAKS = lazyPattern(String.raw`[^\p{L}\p{M}\p{N}\s&%'\u2019]+`, "gu");
const SPELT = /[^A-Za-z0-9\s]/g;

// The shape of the table is known, since our own build writes it.
const useTable = lazyTable(
  "transliterations.json",
  (json) => new Map(Object.entries(JSON.parse(json) as Transliterations)),
);

/** The text in lower-case ASCII letters and digits, with its words joined by a separator. */
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
