// Records of both kinds, their changes, and the effects that follow.
import type { Delivery, DomainEvent } from "../notifications/notifications";
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
 * - `notify`: starts the job that delivers an event; a second start of the same job does nothing;
 * - `recheck-email`: repeats an e-mail check for which DNS did not answer at sign-up;
 * - `unassign`: removes a deleted user from tasks.
 */
export type Effect =
  | {
      readonly kind: "notify";
      readonly recordId: string;
      readonly event: DomainEvent;
      readonly deliveries: readonly Delivery[];
    }
  | { readonly kind: "recheck-email"; readonly recordId: string }
  | { readonly kind: "unassign"; readonly recordId: string };
