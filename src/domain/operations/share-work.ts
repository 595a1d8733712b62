// Shares the work that a request may cost among its pipelines, and refuses those that certainly cost too much,
// before any of them starts.
import { OperationError } from "./errors";
import { MAX_REQUEST_WORK } from "./limits";
import type { Step } from "./operation";
import type { Pipeline } from "./pipeline";
import { workOf } from "./price";
import { Sizer } from "./size";

/**
 * The work that each pipeline may do, or its refusal. What they certainly cost is set aside, in their order;
 * the rest is for what cannot be known before, in equal parts.
 */
export function shareWork(
  pipelines: readonly Pipeline[],
  count: number,
  chars: number,
): (number | OperationError)[] {
  let left = MAX_REQUEST_WORK;
  const shares = pipelines.map(({ steps }) => {
    const least = leastWork(steps, count, chars);
    if (least > left) return costsTooMuch(least, left);
    left -= least;
    return least;
  });
  const spare = left / Math.max(1, shares.filter((share) => typeof share === "number").length);
  return shares.map((share) => (typeof share === "number" ? share + spare : share));
}

const costsTooMuch = (least: number, left: number) =>
  new OperationError(
    "too-large",
    `This costs at least ${least}; ${left} are left of the ${MAX_REQUEST_WORK} that a request may cost (GET /process-data lists prices)`,
  );

/** The characters of items; one that cannot be measured fails by itself when it is taken. */
export function charsOf(items: readonly unknown[]): number {
  const sizer = new Sizer(false);
  let chars = 0;
  for (const item of items) {
    // Nearly all items of long lists are texts.
    if (typeof item === "string") chars += item.length;
    else addTo(sizer, item);
  }
  return sizer.chars + chars;
}

function addTo(sizer: Sizer, item: unknown): void {
  try {
    sizer.add(item);
  } catch {
    // It is refused later.
  }
}

/** The work of a pipeline over items of about this size; Infinity if some of it shows only as it runs. */
export function estimateWork({ steps }: Pipeline, items: number, chars: number): number {
  const work = steps.map(({ price }) =>
    price.metered === undefined ? workOf(price, items, chars) : Infinity,
  );
  return work.reduce((sum, units) => sum + units, 0);
}

/** The work that steps cost whatever the items are, as far as the size of the list is known. */
function leastWork(steps: readonly Step[], items: number, chars: number): number {
  let least = 0;
  let known = chars;
  for (const { price, keepsCount, keepsSize } of steps) {
    least += workOf(price, items, known);
    if (!keepsCount) break;
    if (!keepsSize) known = 0;
  }
  return least;
}
