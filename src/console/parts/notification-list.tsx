// Messages to channels and what became of them, each with its attempts and a button to send it again.
import type { ComponentChildren, VNode } from "preact";
import { useCallback } from "preact/hooks";
import type { Notification, NotificationDetails, NotificationQuery } from "../../client";
import { count, formatDuration, formatInstant } from "../format";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { usePages } from "../use-pages";
import { ListCard } from "./list-card";
import { asMail, Mail } from "./mail";
import { ProblemNote } from "./problem-note";

const PAGE = 10;

/** Colours of the chips of each status. */
export const DELIVERY_TONES = {
  pending: "warn",
  delivered: "ok",
  failed: "bad",
  cancelled: "neutral",
} as const;

interface Props {
  readonly title: string;
  readonly empty: string;
  readonly status?: Notification["status"] | undefined;
  readonly channel?: string | undefined;
  readonly news: unknown;
  /** Called when a message was sent again. */
  readonly onNews: () => void;
  readonly actions?: ComponentChildren;
  readonly filters?: ComponentChildren;
}

/** The messages that the filters leave, newest first. */
export function NotificationList(props: Props): VNode {
  const { title, empty, status, channel, news, onNews, actions, filters } = props;
  const { client } = useSession();
  const read = useCallback(
    async (cursor: string | undefined, signal: AbortSignal) => {
      const query: NotificationQuery = {
        limit: PAGE,
        cursor,
        ...(status && { status }),
        ...(channel && { channel }),
      };
      const page = await client.notifications.page(query, { signal });
      return { items: page.notifications, next: page.next_cursor };
    },
    [client, status, channel],
  );
  const pages = usePages(read, news);
  const [{ problem, isBusy }, start] = useLatest<null>();
  const resend = ({ id }: Notification): void =>
    start(async (signal) => {
      await client.notifications.resend(id, { signal });
      onNews();
      return null;
    });
  return (
    <ListCard title={title} empty={empty} actions={actions} filters={filters} {...pages}>
      {(notifications: readonly Notification[]) => (
        <>
          <ProblemNote problem={problem} />
          <ul class="rows">
            {notifications.map((notification) => (
              <Row
                key={notification.id}
                notification={notification}
                isBusy={isBusy}
                onResend={resend}
              />
            ))}
          </ul>
        </>
      )}
    </ListCard>
  );
}

function Row({
  notification,
  isBusy,
  onResend,
}: {
  notification: Notification;
  isBusy: boolean;
  onResend: (notification: Notification) => void;
}): VNode {
  const { id, status, event, channel } = notification;
  return (
    <li>
      <p class="chips">
        <span class={`chip ${DELIVERY_TONES[status]}`}>{status}</span>
        <strong>{event}</strong>
        <span class="hint">{describe(notification)}</span>
      </p>
      <div class="actions">
        {status !== "pending" && (
          <button
            type="button"
            class="quiet small"
            disabled={isBusy}
            onClick={() => onResend(notification)}
          >
            Send again
            <span class="unseen">
              {" "}
              {event} to {channel}
            </span>
          </button>
        )}
      </div>
      <Details id={id} />
    </li>
  );
}

function describe(notification: Notification): string {
  const { channel, attempts, last_attempt_at, next_attempt_at, http_status, error } = notification;
  const facts = [`to ${channel}`, count(attempts, "attempt")];
  if (http_status !== null) facts.push(`status ${http_status}`);
  else if (error !== null) facts.push(error.detail);
  if (last_attempt_at !== null) facts.push(formatInstant(last_attempt_at));
  if (next_attempt_at !== null) facts.push(`next try ${formatInstant(next_attempt_at)}`);
  return facts.join(" · ");
}

/** The mail and the attempts of a notification, read when they are opened. */
function Details({ id }: { id: string }): VNode {
  const { client } = useSession();
  const [{ value, problem }, start] = useLatest<NotificationDetails>();
  const mail = asMail(value?.payload);
  return (
    <details
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) start((signal) => client.notifications.get(id, { signal }));
      }}
    >
      <summary>Details</summary>
      <ProblemNote problem={problem} />
      {mail !== null && <Mail mail={mail} />}
      <ol class="rows">
        {value?.attempt_log.map(({ at, http_status, duration_ms, error, excerpt }) => (
          <li key={at}>
            <span class="hint">
              {formatInstant(at)} · {http_status ?? error?.code ?? "taken"} ·{" "}
              {formatDuration(duration_ms)}
            </span>
            {excerpt !== null && excerpt !== "" && (
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
