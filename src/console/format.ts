// Formats numbers, durations and values for people.

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count or a rate, e.g. `12,345.6`. */
export function formatNumber(value: number): string {
  return value >= 100 ? WHOLE.format(value) : NUMBER.format(value);
}

/** A duration in milliseconds as `0.4 ms`, `120 ms`, `1.24 s` or `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${NUMBER.format(ms)} ms`;
  if (ms < 1000) return `${WHOLE.format(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** A number with its noun: `1 call`, `3 calls`. */
export function count(value: number, noun: string): string {
  return `${WHOLE.format(value)} ${noun}${value === 1 ? "" : "s"}`;
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});

/** An RFC 3339 instant in the browser's time zone; without the date if it is within half a day of now. */
export function formatInstant(instant: string): string {
  const date = new Date(instant);
  const isNear = Math.abs(date.getTime() - Date.now()) < 12 * 3_600_000;
  return (isNear ? TIME : DAY_AND_TIME).format(date);
}

/** Characters of a value in a table: longer ones would make the page slow, and are in the downloads. */
const MAX_CELL_CHARACTERS = 1000;
/** Characters of a value that has a place of its own. */
const MAX_BLOCK_CHARACTERS = 4000;

/** A JSON value in one line; a text as it is. A long one is cut. */
export function formatValue(value: unknown, maxCharacters = MAX_CELL_CHARACTERS): string {
  return cut(typeof value === "string" ? value : JSON.stringify(value), maxCharacters);
}

/** A JSON value in lines of their own; a text as it is. A long one is cut. */
export function formatBlock(value: unknown): string {
  return cut(
    typeof value === "string" ? value : JSON.stringify(value, null, 2),
    MAX_BLOCK_CHARACTERS,
  );
}

function cut(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}
