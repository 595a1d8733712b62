// Medians and quartiles: a round that shared its core with something else must not count for more.

/** The value below which the share `quantile` (0 to 1) of the samples lies, interpolated. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** The middle sample. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The median of the differences between samples and the base's sample of the same round. */
export function pairedDifference(samples: readonly number[], base: readonly number[]): number {
  return median(samples.map((sample, round) => sample - (base[round] ?? Number.NaN)));
}

/** The median of the quotients of samples of the same round, so that what slows a round cancels out. */
export function pairedRatio(samples: readonly number[], base: readonly number[]): number {
  return median(samples.map((sample, round) => sample / (base[round] ?? Number.NaN)));
}
