// Converts texts into parts of a URL. The ASCII spellings of letters come from two libraries, as tables that are
// assets beside the script, since they are far larger than all operations together: `slugify` for the languages
// that it knows, `any-ascii` for every other script.
import { overChars } from "./errors";
import { normalized } from "./graphemes";
import type { Run } from "./operation";
import type { Price } from "./price";
import { lazyTable } from "./tables";
import { isLonger } from "../../lib/is-longer";
import { lazyPattern } from "../../lib/lazy";

/** ASCII spellings by language and letter; a language lists only those that differ from ANY_LANGUAGE. */
export type Transliterations = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The key of the spellings that hold for all languages. */
export const ANY_LANGUAGE = "any";

const MAX_INPUT_CHARS = 10_000;
const WORK_PER_CHARACTER = 40;

/** Price of a slug. A ligature may stand for eighteen characters. */
export const SLUG_PRICE: Price = {
  per_item: 500,
  per_character: WORK_PER_CHARACTER,
  metered: `${WORK_PER_CHARACTER} for each character that its compatibility form (NFKC) has more`,
};

// Punctuation separates words, instead of joining those around it. Of the symbols, only `&` and `%` are spelt
// out as words. What is not seen joins, such as a soft hyphen, but the space of no width and the non-joiner.
const WORD_BREAKS = lazyPattern(
  String.raw`[^[\p{L}\p{M}\p{N}\s&%'\u2019\p{Default_Ignorable_Code_Point}]--[\u200b\u200c]]+`,
  "gv",
);
/** Symbols such as emoji, which are spelt out where a text has nothing else. */
const NOT_SYMBOLS = lazyPattern(String.raw`[^\p{So}\p{L}\p{M}\p{N}\s]+`, "gu");
/** A sign of Japanese, and the marks that stand for it again. */
const REPEATED = lazyPattern(
  String.raw`([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])([\u3005\u303b\u309d\u309e\u30fd\u30fe]+)`,
  "gu",
);
/** Signs that are words or syllables of their own. */
const IDEOGRAPHS = lazyPattern(String.raw`\p{Script=Han}`, "gu");
const SPELT = /[^A-Za-z0-9\s]/gu;

type Spell = (character: string) => string;

// The shape of the tables is known, since our own build writes them.
const useTable = lazyTable(
  "transliterations.json",
  (json) => new Map(Object.entries(JSON.parse(json) as Transliterations)),
);
const useScripts = lazyTable("scripts.txt", readScripts);

/** Reads lines of a block's number and the spellings of its 256 characters, between tabs. */
function readScripts(text: string): Spell {
  const lines = new Map(
    text.split("\n").map((line) => [line.slice(0, line.indexOf("\t")), line] as const),
  );
  const blocks = new Map<number, readonly string[]>();
  return (character) => {
    const code = character.codePointAt(0) ?? 0;
    const number = code >>> 8;
    const block = blocks.get(number) ?? (lines.get(String(number)) ?? "").split("\t").slice(1);
    blocks.set(number, block);
    return (block[code & 0xff] ?? "").replaceAll(/[^A-Za-z0-9]+/g, " ").trim();
  };
}

/** The text in lower-case ASCII letters and digits, with its words joined by a separator. */
export function slugify(written: string, separator: string, language: string, run: Run): unknown {
  const text = normalized(written, "NFKC");
  if (isLonger(text, MAX_INPUT_CHARS)) throw overChars("The text", MAX_INPUT_CHARS);
  run.spend(WORK_PER_CHARACTER * Math.max(0, text.length - written.length));
  const words = text.replaceAll(WORD_BREAKS(), " ");
  return useTable(run, (tables) => {
    const own = tables.get(language);
    const all = tables.get(ANY_LANGUAGE);
    const known = (letter: string) => own?.[letter] ?? all?.[letter];
    const isOther = Array.from(words).some((letter) => /[^\0-\x7f]/.test(letter) && !known(letter));
    const isBlank = words.trim() === "" && text.trim() !== "";
    if (!isOther && !isBlank) return slugOf(words, separator, (letter) => known(letter) ?? "");
    return useScripts(run, (spell) => {
      const spellAny = (letter: string) => known(letter) ?? spell(letter);
      const spaced = words.replaceAll(REPEATED(), repeat).replaceAll(IDEOGRAPHS(), " $& ");
      const slug = slugOf(spaced, separator, spellAny);
      const symbols = () => text.replaceAll(NOT_SYMBOLS(), " ").replaceAll(SPELT, " $& ");
      return slug === "" ? slugOf(symbols(), separator, spellAny) : slug;
    });
  });
}

/** A sign as often as it stands for; some marks also voice it. */
function repeat(_: string, sign: string, marks: string): string {
  const voiced = `${sign}\u3099`.normalize("NFC");
  return sign + Array.from(marks, (mark) => (/[\u309e\u30fe]/.test(mark) ? voiced : sign)).join("");
}

function slugOf(words: string, separator: string, spell: Spell): string {
  return words.replaceAll(SPELT, spell).trim().replaceAll(/\s+/g, separator).toLowerCase();
}
