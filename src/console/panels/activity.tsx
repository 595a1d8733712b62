// The panel for the morning: which batches run, how channels fare, what did not arrive, who signed up, which tasks
// came in.
import type { VNode } from "preact";
import { useCallback, useReducer, useState } from "preact/hooks";
import type { Channel, Notification } from "../../client";
import { keysOf } from "../keys-of";
import { BatchList } from "../parts/batch-list";
import { ChannelList } from "../parts/channel-list";
import { Filter } from "../parts/filter";
import { NewestTasks } from "../parts/newest-tasks";
import { NewestUsers } from "../parts/newest-users";
import { DELIVERY_TONES, NotificationList } from "../parts/notification-list";
import { TokenGate } from "../parts/token-gate";
import { replayFailed } from "../replay";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { usePages } from "../use-pages";

/** Batches, channels, failures and newest records, for holders of a token. */
export function Activity(): VNode {
  return (
    <>
      <header class="intro">
        <div>
          <h2 tabIndex={-1}>What is going on</h2>
        </div>
        <p>Batches, channels and what did not reach them, mails, the newest sign-ups and tasks.</p>
      </header>
      <TokenGate>
        <Lists />
      </TokenGate>
    </>
  );
}

function Lists(): VNode {
  const { client } = useSession();
  const [news, tell] = useReducer((times: number, _: void) => times + 1, 0);
  const read = useCallback(
    async (_: string | undefined, signal: AbortSignal) => ({
      items: await client.channels.list({ signal }),
      next: null,
    }),
    [client],
  );
  const channels = usePages<Channel>(read, news);
  const known = channels.list.value?.items ?? [];
  return (
    <div class="activity">
      <div class="results">
        <BatchList />
        <ChannelList pages={channels} onNews={tell} />
        <NotificationList
          title="Failed notifications"
          empty="Everything has arrived."
          status="failed"
          news={news}
          onNews={tell}
          actions={<ResendAll channels={known} onNews={tell} />}
        />
        <Messages channels={known} news={news} onNews={tell} />
      </div>
      <div class="results">
        <NewestUsers />
        <NewestTasks />
      </div>
    </div>
  );
}

/** A button that sends everything again that failed, on all channels. */
function ResendAll({
  channels,
  onNews,
}: {
  channels: readonly Channel[];
  onNews: () => void;
}): VNode | null {
  const { client } = useSession();
  const [{ problem, isBusy }, start] = useLatest<null>();
  const failing = channels.filter(({ failed }) => failed > 0);
  if (failing.length === 0 && problem === null) return null;
  const resend = (): void =>
    start(async (signal) => {
      for (const { name } of failing) await replayFailed(client, name, signal);
      onNews();
      return null;
    });
  return (
    <>
      <span role="status" class="fault">
        {problem?.detail}
      </span>
      <button type="button" class="small" disabled={isBusy} onClick={resend}>
        Send all again
      </button>
    </>
  );
}

/** All messages and mails, of one channel or status if so chosen. */
function Messages({
  channels,
  news,
  onNews,
}: {
  channels: readonly Channel[];
  news: unknown;
  onNews: () => void;
}): VNode {
  const [status, setStatus] = useState<Notification["status"]>();
  const [channel, setChannel] = useState<string>();
  return (
    <NotificationList
      title="Messages and mails"
      empty="There is none."
      status={status}
      channel={channel}
      news={news}
      onNews={onNews}
      actions={
        <>
          <Filter
            label="Channel of the messages"
            any="any channel"
            values={channels.map(({ name }) => name)}
            value={channel}
            onValue={setChannel}
          />
          <Filter
            label="Status of the messages"
            any="any status"
            values={keysOf(DELIVERY_TONES)}
            value={status}
            onValue={setStatus}
          />
        </>
      }
    />
  );
}
