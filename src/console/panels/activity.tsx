// The panel for the morning: how channels fare, what did not arrive, who signed up, which tasks came in.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { TaskSummary, UserSummary } from "../../client";
import { formatInstant } from "../format";
import { ChannelList } from "../parts/channel-list";
import { FailedList } from "../parts/failed-list";
import { RecordSearch } from "../parts/record-search";
import { StatusChip } from "../parts/task-card";
import { VerdictChip } from "../parts/verdict";
import { useSession } from "../session";

const PAGE = 20;

/** Channels, failures and newest records, for holders of a token. */
export function Activity(): VNode {
  const { token } = useSession();
  return (
    <>
      <header class="intro">
        <div>
          <h2 tabIndex={-1}>What is going on</h2>
        </div>
        <p>Channels and what did not reach them, the newest sign-ups and tasks.</p>
      </header>
      {token === "" ? <p class="empty">Give a token above to see it.</p> : <Lists />}
    </>
  );
}

function Lists(): VNode {
  const [news, setNews] = useState(0);
  const onNews = useCallback(() => setNews((times) => times + 1), []);
  return (
    <div class="activity">
      <ChannelList news={news} onNews={onNews} />
      <FailedList news={news} onNews={onNews} />
      <NewestUsers />
      <NewestTasks />
    </div>
  );
}

function NewestUsers(): VNode {
  const { client } = useSession();
  const read = useCallback(
    async (q: string | undefined, cursor: string | undefined, signal: AbortSignal) => {
      const page = await client.users.page({ q, cursor, limit: PAGE }, { signal });
      return { items: page.users, next: page.next_cursor };
    },
    [client],
  );
  return (
    <RecordSearch<UserSummary>
      title="Newest sign-ups"
      kind="users"
      empty="Nobody has signed up yet."
      read={read}
      remove={({ id }, signal) => client.users.remove(id, { signal })}
      nameOf={({ name }) => name}
    >
      {({ name, email, email_check, created_at }) => (
        <p class="chips">
          <VerdictChip verdict={email_check.verdict} />
          <strong dir="auto">{name}</strong>
          <span dir="auto">{email}</span>
          <span class="hint">{formatInstant(created_at)}</span>
        </p>
      )}
    </RecordSearch>
  );
}

function NewestTasks(): VNode {
  const { client } = useSession();
  const read = useCallback(
    async (q: string | undefined, cursor: string | undefined, signal: AbortSignal) => {
      const page = await client.tasks.page({ q, cursor, limit: PAGE }, { signal });
      return { items: page.tasks, next: page.next_cursor };
    },
    [client],
  );
  return (
    <RecordSearch<TaskSummary>
      title="Newest tasks"
      kind="tasks"
      empty="No task was filed yet."
      read={read}
      remove={({ id }, signal) => client.tasks.remove(id, { signal })}
      nameOf={({ title }) => title}
    >
      {({ title, status, priority, created_at }) => (
        <p class="chips">
          <StatusChip status={status} />
          <strong dir="auto">{title}</strong>
          <span class="hint">
            {priority} · {formatInstant(created_at)}
          </span>
        </p>
      )}
    </RecordSearch>
  );
}
