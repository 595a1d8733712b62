// The order of calls that wait for each other by `after`. Reads a body that may have other faults, so that all
// are reported at once.

/** A fault, with the keys that lead to it within the list of calls. */
export interface OrderFault {
  readonly keys: readonly (string | number)[];
  readonly message: string;
}

/** The parts of a call that its order depends on, as far as they can be read. */
interface Place {
  readonly id: string | null;
  readonly after: readonly unknown[];
}

/** Ids that stand twice, names of no call, and circles. */
export function faultsOfOrder(requests: readonly unknown[]): OrderFault[] {
  const places = requests.map(placeOf);
  const known = new Map<string, Place>();
  const faults: OrderFault[] = [];
  for (const [index, place] of places.entries()) {
    if (place.id === null) continue;
    if (known.has(place.id))
      faults.push({ keys: [index, "id"], message: `The id "${place.id}" stands twice` });
    else known.set(place.id, place);
  }
  for (const [index, { after }] of places.entries()) {
    for (const [at, id] of after.entries()) {
      if (typeof id === "string" && !known.has(id))
        faults.push({ keys: [index, "after", at], message: "No call has this id" });
    }
  }
  for (const [index, place] of places.entries()) {
    if (place.after.length > 0 && leadsBack(place, known))
      faults.push({ keys: [index, "after"], message: "These calls wait for each other" });
  }
  return faults;
}

function placeOf(request: unknown, index: number): Place {
  const { id = String(index), after }: { id?: unknown; after?: unknown } = Object(request);
  return {
    id: typeof id === "string" ? id : null,
    after: Array.isArray(after) ? after : [],
  };
}

/** True if a call waits for itself, through others or not. */
function leadsBack(start: Place, known: ReadonlyMap<string, Place>): boolean {
  const seen = new Set<Place>();
  const open = [start];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const id of place.after) {
      const next = typeof id === "string" ? known.get(id) : undefined;
      if (next === start) return true;
      if (next !== undefined && !seen.has(next)) open.push(next);
      if (next !== undefined) seen.add(next);
    }
  }
  return false;
}
