// Messages that did not arrive, with their attempts, and a button to send each again.
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { Notification, NotificationDetails } from "../../client";
import { count, formatDuration, formatInstant } from "../format";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { usePages } from "../use-pages";
import { ProblemNote } from "./problem-note";

const PAGE = 20;

/** The list of failed notifications. `onNews` is called when one was sent again. */
export function FailedList({ news, onNews }: { news: unknown; onNews: () => void }): VNode {
  const { client, token } = useSession();
  const read = useMemo(
    () =>
      token === ""
        ? null
        : async (cursor: string | undefined, signal: AbortSignal) => {
            const query = { status: "failed", limit: PAGE, cursor } as const;
            const page = await client.notifications.page(query, { signal });
            return { items: page.notifications, next: page.next_cursor };
          },
    [client, token],
  );
  const { list, more } = usePages<Notification>(read, news);
  const [{ problem, isBusy }, start] = useLatest<null>();
  const resend = ({ id }: Notification): void =>
    start(async (signal) => {
      await client.notifications.resend(id, { signal });
      onNews();
      return null;
    });
  return (
    <section class="card" aria-label="Failed notifications">
      <header class="list-head">
        <h3>Failed notifications</h3>
      </header>
      <ProblemNote problem={problem ?? list.problem} />
      {list.value?.items.length === 0 && <p class="empty">Everything has arrived.</p>}
      <ul class="rows">
        {list.value?.items.map((notification) => (
          <li key={notification.id}>
            <p class="chips">
              <span class="chip bad">{notification.error?.code ?? notification.http_status}</span>
              <strong>{notification.event}</strong>
              <span class="hint" dir="auto">
                to {notification.channel} · {count(notification.attempts, "attempt")}
                {notification.last_attempt_at !== null &&
                  ` · ${formatInstant(notification.last_attempt_at)}`}
              </span>
            </p>
            <div class="actions">
              <button
                type="button"
                class="quiet small"
                disabled={isBusy}
                onClick={() => resend(notification)}
              >
                Send again
                <span class="unseen">
                  {" "}
                  {notification.event} to {notification.channel}
                </span>
              </button>
            </div>
            <Attempts id={notification.id} />
          </li>
        ))}
      </ul>
      {list.value !== null && list.value.next !== null && (
        <button type="button" class="quiet small" disabled={list.isBusy} onClick={more}>
          More
        </button>
      )}
    </section>
  );
}

/** The attempts of a notification, read when they are opened. */
function Attempts({ id }: { id: string }): VNode {
  const { client } = useSession();
  const [{ value, problem }, start] = useLatest<NotificationDetails>();
  return (
    <details
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) start((signal) => client.notifications.get(id, { signal }));
      }}
    >
      <summary>Attempts</summary>
      <ProblemNote problem={problem} />
      <ol class="rows">
        {value?.attempt_log.map(({ at, http_status, duration_ms, error, excerpt }) => (
          <li key={at}>
            <span class="hint">
              {formatInstant(at)} · {http_status ?? error?.code ?? "–"} ·{" "}
              {formatDuration(duration_ms)}
            </span>
            {excerpt !== null && (
              <p class="excerpt" dir="auto">
                {excerpt}
              </p>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
