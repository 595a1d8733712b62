// The edit distance of two words, to suggest the one that was meant.

/**
 * The least number of letters to insert, delete, replace or swap with a neighbour to turn `from`
 * into `to`, no place touched twice (Damerau–Levenshtein, optimal string alignment).
 *
 * @param most from here on it does not matter how far: what is farther is Infinity
 */
export function editDistance(from: string, to: string, most = Infinity): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const distance = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
      );
      current[column] = distance;
      least = Math.min(least, distance);
    }
    // No later row has less in it: a swap adds one to a row that is at most one below this one.
    if (least > most) return Infinity;
    [beforePrevious, previous] = [previous, current];
  }
  const distance = at(previous, to.length);
  return distance > most ? Infinity : distance;
}

function at(distances: readonly number[], index: number): number {
  return distances[index] ?? Infinity;
}
