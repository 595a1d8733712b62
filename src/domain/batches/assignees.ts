// Looks up the assignees of the tasks of a new batch, many at once and each one once.
import * as v from "valibot";
import type { Fault } from "../errors";
import { SERVICE_REQUESTS_PER_INVOCATION } from "../platform";
import { NO_SUCH_USER, UserId } from "../records/tasks";

/**
 * Different assignees in one batch: 100 are looked up per request, and half of the invocation's requests are
 * kept for other uses.
 */
const MAX_ASSIGNEES = (SERVICE_REQUESTS_PER_INVOCATION / 2) * 100;

/** A task with its place in the body. */
interface Place {
  readonly id: string;
  /** JSON Pointer of the task. */
  readonly place: string;
  readonly line: number | undefined;
}

function faultAt({ place, line }: Place): Fault {
  const fault = { pointer: `${place}/assignee_id`, detail: NO_SUCH_USER };
  return line === undefined ? fault : { ...fault, line };
}

/** The assignees of a batch. */
export class Assignees {
  /** Those added since the last `check`. */
  readonly #asked: Place[] = [];
  /** Results of the lookups so far: true if an assignee is a user. */
  readonly #areUsers = new Map<string, boolean>();

  /** Adds the assignee of a task, if it is an id at all. */
  add(id: unknown, place: string, line: number | undefined): void {
    if (v.is(UserId, id)) this.#asked.push({ id: id.toLowerCase(), place, line });
  }

  /**
   * Looks up those added since the last call. Returns a fault for each task whose assignee is no user, with its
   * line, or for the batch if it has too many.
   */
  async check(missing: (ids: readonly string[]) => Promise<readonly string[]>): Promise<Fault[]> {
    const asked = this.#asked.splice(0);
    const ids = new Set(asked.map(({ id }) => id).filter((id) => !this.#areUsers.has(id)));
    if (this.#areUsers.size + ids.size > MAX_ASSIGNEES)
      return [{ pointer: "#/items", detail: `More than ${MAX_ASSIGNEES} different assignees` }];
    if (ids.size > 0) {
      const unknown = new Set(await missing([...ids]));
      for (const id of ids) this.#areUsers.set(id, !unknown.has(id));
    }
    return asked.filter(({ id }) => this.#areUsers.get(id) === false).map(faultAt);
  }
}
