// Rounding, sums, and statistics. Own code: simple-statistics would add a kilobyte to the script that cannot
// be tree-shaken, and overflows on the way to results that are in range.
import { ItemError } from "./errors";

/**
 * Scales the largest doubles so that their squares, and the sums of these, stay in range, and the smallest so that
 * theirs do not vanish. A power of two, so that nothing is rounded.
 */
const SCALE = 2 ** 600;
/** Measures below it may be those of numbers whose squares vanish. */
const LEAST_MEASURE = 1e-140;

/** Numbers in a list, or in order as `sortedNumbers` returns them. */
export type Numbers = readonly number[] | Float64Array;

/** Numbers of a list below which it takes less memory than a typed array. */
const SHORT_NUMBERS = 30;

/** The numbers of a list in order, which takes the list. Sorted as one, many would be copied several times. */
export const sortedNumbers = (numbers: number[]): Numbers =>
  numbers.length < SHORT_NUMBERS
    ? numbers.sort((a, b) => a - b)
    : Float64Array.from(numbers).sort();

type Measure = (numbers: Numbers) => number;

/**
 * A measure of numbers that scales with them (such as the mean), even if they overflow or vanish on the way; null if
 * the result itself overflows.
 */
export function measured(numbers: Numbers, measure: Measure): number | null {
  const plain = measure(numbers);
  if (Math.abs(plain) >= LEAST_MEASURE && Number.isFinite(plain)) return plain;
  const scale = Number.isFinite(plain) ? SCALE : 1 / SCALE;
  const value = measure(numbers.map((number) => number * scale)) / scale;
  return [value, plain].find(Number.isFinite) ?? null;
}

/** The sum by Neumaier's algorithm, which adds the rounding errors at the end. */
export function sum(numbers: Numbers): number {
  let total = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = total + number;
    lost += Math.abs(total) < Math.abs(number) ? number - next + total : total - next + number;
    total = next;
  }
  return total + lost;
}

/** The mean of sorted numbers; NaN for none. Never beside them by rounding: of equal numbers it is that number. */
export function mean(sorted: Numbers): number {
  const near = sum(sorted) / sorted.length;
  return Math.min(Math.max(near, sorted[0] ?? NaN), sorted.at(-1) ?? NaN);
}

/** The standard deviation of sorted numbers: of a population with `freed` 0, of a sample with 1. */
export function deviation(sorted: Numbers, freed: number): number {
  const center = mean(sorted);
  const distances = sorted.map((n) => n - center);
  // The rounding error of the mean is in the distances, and is most of them where numbers are large and close.
  const rounded = sum(distances) ** 2 / sorted.length;
  const squares = Math.max(0, sum(distances.map((distance) => distance ** 2)) - rounded);
  return Math.sqrt(squares / (sorted.length - freed));
}

/** The quantile of sorted numbers, interpolated between the two neighbours (R's type 7). */
export function quantileOf(sorted: Numbers, quantile: number): number {
  const place = (sorted.length - 1) * quantile;
  const lower = sorted[Math.floor(place)] ?? NaN;
  const upper = sorted[Math.ceil(place)] ?? NaN;
  return lower + (place % 1) * (upper - lower);
}

/** Rounds a number as it is written in decimal, half away from zero: 1.005 to two digits is 1.01. */
export function round(value: number, digits: number): number {
  const [mantissa = "", exponent] = Math.abs(value).toExponential().split("e");
  const written = mantissa.replace(".", "");
  const kept = Number(exponent) + 1 + digits;
  if (kept >= written.length) return value;
  if (kept < 0) return 0;
  const isUp = written.charAt(kept) >= "5";
  // The kept digits may exceed a double's precision, so they are rounded up as an integer.
  const rounded = BigInt(written.slice(0, kept)) + (isUp ? 1n : 0n);
  return Math.sign(value) * Number(`${rounded}e${-digits}`);
}

/** The message for a number that a double cannot hold. */
export const NOT_EXACT = "Holds a number that a double cannot hold";

/** The number that a text in JavaScript's notation is. Throws `ItemError` for one that would be another. */
export function exactNumber(written: string): number {
  const value = Number(written);
  const isInteger = /^[+-]?\d+$/.test(written);
  if (Number.isFinite(value) && (!isInteger || Number.isSafeInteger(value))) return value;
  throw new ItemError("invalid-value", NOT_EXACT);
}
