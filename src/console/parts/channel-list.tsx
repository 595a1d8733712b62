// The channels with their state, and buttons to steer them.
import type { VNode } from "preact";
import type { Channel } from "../../client";
import { formatInstant, formatNumber } from "../format";
import { keysOf } from "../keys-of";
import { replayFailed } from "../replay";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import type { Pages } from "../use-pages";
import { ListCard } from "./list-card";
import { ProblemNote } from "./problem-note";

const TONES = { active: "ok", paused: "warn", disabled: "bad" } as const;

interface Action {
  readonly label: string;
  readonly isFor: (channel: Channel) => boolean;
}

const ACTIONS = {
  replay: { label: "Send failed ones again", isFor: ({ failed }) => failed > 0 },
  enable: { label: "Go on", isFor: ({ state }) => state !== "active" },
  pause: { label: "Pause", isFor: ({ state }) => state === "active" },
  test: { label: "Send a test", isFor: ({ state }) => state === "active" },
} as const satisfies Record<string, Action>;
type ActionName = keyof typeof ACTIONS;

/** The list of channels. `onNews` is called when something was sent or steered. */
export function ChannelList({
  pages,
  onNews,
}: {
  pages: Pages<Channel>;
  onNews: () => void;
}): VNode {
  const { client } = useSession();
  const [{ problem, isBusy }, start] = useLatest<null>();
  const act = (action: ActionName, { name }: Channel): void =>
    start(async (signal) => {
      if (action === "replay") await replayFailed(client, name, signal);
      else await client.channels[action](name, { signal });
      onNews();
      return null;
    });
  return (
    <ListCard title="Channels" empty="No channel is configured: see CHANNELS." {...pages}>
      {(items: readonly Channel[]) => (
        <>
          <ProblemNote problem={problem} />
          <ul class="rows">
            {items.map((channel) => (
              <li key={channel.name}>
                <p class="chips">
                  <span class={`chip ${TONES[channel.state]}`}>{channel.state}</span>
                  <strong>{channel.name}</strong>
                  <span class="hint">{describe(channel)}</span>
                </p>
                <Steering channel={channel} isBusy={isBusy} onAction={act} />
                {channel.reason !== null && (
                  <p class="hint" dir="auto">
                    {channel.reason}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </ListCard>
  );
}

function Steering({
  channel,
  isBusy,
  onAction,
}: {
  channel: Channel;
  isBusy: boolean;
  onAction: (action: ActionName, channel: Channel) => void;
}): VNode {
  return (
    <div class="actions">
      {keysOf(ACTIONS)
        .filter((name) => ACTIONS[name].isFor(channel))
        .map((name) => (
          <button
            key={name}
            type="button"
            class="quiet small"
            disabled={isBusy}
            onClick={() => onAction(name, channel)}
          >
            {ACTIONS[name].label}
            <span class="unseen"> ({channel.name})</span>
          </button>
        ))}
    </div>
  );
}

function describe({ type, waiting, failed, last_delivered_at, next_attempt_at }: Channel): string {
  const facts: string[] = [type];
  if (waiting > 0) facts.push(`${formatNumber(waiting)} waiting`);
  if (failed > 0) facts.push(`${formatNumber(failed)} failed`);
  if (next_attempt_at !== null) facts.push(`next try ${formatInstant(next_attempt_at)}`);
  facts.push(
    last_delivered_at === null
      ? "nothing delivered yet"
      : `last delivered ${formatInstant(last_delivered_at)}`,
  );
  return facts.join(" · ");
}
