// Reads numbers that people write in decimal. `Number` alone takes `0x10`, and an empty text as zero.

// Each digit can be read in one way only, so this pattern cannot backtrack.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a text is; null if it is none, NaN for one that a double cannot hold or an integer that is not safe. */
export function decimalNumber(text: string): number | null {
  const written = text.trim();
  if (!NUMBER.test(written)) return null;
  const value = Number(written);
  const isExact = !/^[+-]?\d+$/.test(written) || Number.isSafeInteger(value);
  return isExact && Number.isFinite(value) ? value : NaN;
}
