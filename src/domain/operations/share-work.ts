// Shares the work that a request may cost among its pipelines, and refuses those that certainly cost too much,
// before any of them starts.
import { OperationError } from "./errors";
import { MAX_REQUEST_WORK } from "./limits";
import type { Step } from "./operation";
import type { Pace } from "./pace";
import type { Pipeline } from "./pipeline";
import { workOf } from "./price";
import { Sizer } from "./size";

/** A pipeline, and the function that begins it: returns the work that is set aside for it, or throws its refusal. */
interface Shared {
  readonly pipeline: Pipeline;
  readonly begin: () => number;
}

/**
 * Shares the work of a request among pipelines, which begin one after another. Where the costs are known they are set
 * aside, in the order of the pipelines, before any begins. The others take of the rest what they need, so that of many
 * that together cost too much the first come to their end.
 */
export function shareWork(
  pipelines: readonly Pipeline[],
  items: readonly unknown[],
  pace: Pace,
): Shared[] {
  const chars = charsOf(items);
  return pipelines.map((pipeline) => {
    const { steps } = pipeline;
    const least = leastWork(steps, items.length, chars);
    const own = isKnown(steps) && least <= pace.workLeft ? least : 0;
    pace.workLeft -= own;
    const begin = () => {
      const left = own + pace.workLeft;
      if (least > left) throw costsTooMuch(least, left);
      return own;
    };
    return { pipeline, begin };
  });
}

/** True if what all steps cost follows from the items. */
function isKnown(steps: readonly Step[]): boolean {
  return steps.every(
    ({ price, keepsCount, keepsSize }, at) =>
      price.metered === undefined && ((keepsCount && keepsSize) || at === steps.length - 1),
  );
}

const costsTooMuch = (least: number, left: number) =>
  new OperationError(
    "too-large",
    `This costs at least ${least}; ${left} are left of the ${MAX_REQUEST_WORK} that a request may cost (GET /process-data lists prices)`,
  );

/** The characters of items; one that cannot be measured fails by itself when it is taken. */
function charsOf(items: readonly unknown[]): number {
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
