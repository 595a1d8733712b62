// Erasing what a channel was told of a record that is deleted, and what receivers quoted of it in their answers.
import type { DeliveryChange } from "../domain/notifications/channel-lifecycle";
import type { DeliveryError, LoggedAttempt } from "../domain/notifications/delivery";

/** Replaces the detail of an error, which may quote the answer. */
const ERASED = "What it was about was deleted, and the answer with it.";

/** Cancels what is pending of a record, and deletes what was told of it. */
export function eraseDeliveries(sql: SqlStorage, recordId: string): void {
  sql.exec(
    `UPDATE deliveries SET event = NULL, due_at = NULL, error = json_replace(error, '$.detail', ?2),
       status = CASE status WHEN 'pending' THEN 'cancelled' ELSE status END
     WHERE record_id = ?1 AND event IS NOT NULL`,
    recordId,
    ERASED,
  );
  sql.exec(
    `UPDATE attempts SET attempt = json_replace(attempt, '$.error.detail', ?2, '$.excerpt', NULL)
     WHERE seq IN (SELECT seq FROM deliveries WHERE record_id = ?1)`,
    recordId,
    ERASED,
  );
}

/** The outcome of an attempt during which the record was deleted, without the answer. */
export function withoutAnswer(
  change: DeliveryChange,
  attempt: LoggedAttempt,
): readonly [DeliveryChange, LoggedAttempt] {
  return [
    { ...change, error: erased(change.error) },
    { ...attempt, error: erased(attempt.error), excerpt: null },
  ];
}

function erased(error: DeliveryError | null): DeliveryError | null {
  return error && { ...error, detail: ERASED };
}
