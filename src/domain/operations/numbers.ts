// Numbers rounded, and sums and what is made of them. Own code: of the libraries, simple-statistics
// costs a kilobyte of the script that cannot be shaken off, and overflows on the way to results that do not.

/** Brings the largest numbers, their squares and the sums of these within range, without rounding. */
const SCALE = 2 ** -600;

type Measure = (numbers: readonly number[]) => number;

/** A measure that grows as its numbers do, even where they overflow on the way; null where it does itself. */
export function measured(numbers: readonly number[], measure: Measure): number | null {
  const plain = measure(numbers);
  if (Number.isFinite(plain)) return plain;
  const value = measure(numbers.map((number) => number * SCALE)) / SCALE;
  return Number.isFinite(value) ? value : null;
}

/** The sum, with what each addition rounds off added at the end (Neumaier's algorithm). */
export function sum(numbers: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = total + number;
    lost += Math.abs(total) < Math.abs(number) ? number - next + total : total - next + number;
    total = next;
  }
  return total + lost;
}

/** The mean; NaN of no numbers. */
export function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

/** The standard deviation of a whole population, or with `freed` of 1 that of a sample. */
export function deviation(numbers: readonly number[], freed: number): number {
  const center = mean(numbers);
  return Math.sqrt(sum(numbers.map((n) => (n - center) ** 2)) / (numbers.length - freed));
}

/** The quantile of sorted numbers, interpolated between the two next to it (R's type 7). */
export function quantileOf(sorted: readonly number[], quantile: number): number {
  const place = (sorted.length - 1) * quantile;
  const lower = sorted[Math.floor(place)] ?? NaN;
  const upper = sorted[Math.ceil(place)] ?? NaN;
  return lower + (place % 1) * (upper - lower);
}

/** Rounds the number as it is written, half away from zero: 1.005 to two digits is 1.01. */
export function round(value: number, digits: number): number {
  const [mantissa = "", exponent] = Math.abs(value).toExponential().split("e");
  const written = mantissa.replace(".", "");
  const kept = Number(exponent) + 1 + digits;
  if (kept >= written.length) return value;
  if (kept < 0) return 0;
  const isUp = written.charAt(kept) >= "5";
  // More digits than a number holds, so they are counted up as what they are.
  const rounded = BigInt(written.slice(0, kept)) + (isUp ? 1n : 0n);
  return Math.sign(value) * Number(`${rounded}e${-digits}`);
}
