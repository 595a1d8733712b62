// Records of either kind, how they change, and what may follow from that.
import type { DomainEvent } from "../notifications/events";
import type { Asking } from "./confirmation";
import type { StoredTask, UpdateTask } from "./tasks";
import type { User, UserChange } from "./users";

/** A record of any kind, as it is stored. */
export type StoredRecord =
  | { readonly kind: "user"; readonly value: User }
  | { readonly kind: "task"; readonly value: StoredTask };

/** A change of a record of the same kind. */
export type RecordChange =
  | { readonly kind: "user"; readonly change: UserChange }
  | { readonly kind: "task"; readonly change: UpdateTask };

/**
 * An effect: work outside the table that must follow a commit, such as a delivery. The outbox repeats it
 * until it succeeds, so each effect is idempotent. The copy in KV is not among them.
 *
 * - `notify`: hand an event to its channels, each of which knows it by its id;
 * - `erase`: have channels forget what they were told of a deleted record;
 * - `recheck-email`: ask DNS again, which did not answer at sign-up;
 * - `unassign`: take a deleted user off the tasks;
 * - `ask-to-confirm`: mail the address of a sign-up, as its state and the bounds of mails say.
 */
export type Effect =
  | {
      readonly kind: "notify";
      readonly recordId: string;
      readonly event: DomainEvent;
      readonly channels: readonly string[];
    }
  | { readonly kind: "erase"; readonly recordId: string; readonly channels: readonly string[] }
  | { readonly kind: "recheck-email"; readonly recordId: string }
  | { readonly kind: "unassign"; readonly recordId: string }
  | {
      readonly kind: "ask-to-confirm";
      readonly recordId: string;
      /** The id of the mail: a repeat of the effect is the same mail. */
      readonly mailId: string;
      readonly asking: Asking;
    };
