// The channels with their state, and buttons to steer them.
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Channel } from "../../client";
import { formatInstant } from "../format";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { ProblemNote } from "./problem-note";

const TONES = { active: "ok", paused: "warn", disabled: "bad" } as const;
/** Milliseconds for which the Worker keeps what was delivered. */
const KEPT_MS = 30 * 86_400_000;

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
export function ChannelList({ news, onNews }: { news: unknown; onNews: () => void }): VNode {
  const { client, token } = useSession();
  const [{ value, problem, isBusy }, start] = useLatest<Channel[]>();
  useEffect(() => {
    if (token !== "") start((signal) => client.channels.list({ signal }));
  }, [client, token, news, start]);

  const act = (action: ActionName, { name }: Channel): void =>
    start(async (signal) => {
      if (action === "replay") {
        const since = new Date(Date.now() - KEPT_MS).toISOString();
        await client.channels.replay(name, { since }, { signal });
      } else {
        await client.channels[action](name, { signal });
      }
      const channels = await client.channels.list({ signal });
      onNews();
      return channels;
    });
  return (
    <section class="card" aria-label="Channels">
      <header class="list-head">
        <h3>Channels</h3>
      </header>
      <ProblemNote problem={problem} />
      {value?.length === 0 && <p class="empty">No channel is configured: see CHANNELS.</p>}
      <ul class="rows">
        {value?.map((channel) => (
          <li key={channel.name}>
            <p class="chips">
              <span class={`chip ${TONES[channel.state]}`}>{channel.state}</span>
              <strong dir="auto">{channel.name}</strong>
              <span class="hint">{describe(channel)}</span>
            </p>
            {channel.reason !== null && <p class="hint">{channel.reason}</p>}
            <div class="actions">
              {(Object.keys(ACTIONS) as ActionName[])
                .filter((name) => ACTIONS[name].isFor(channel))
                .map((name) => (
                  <button
                    key={name}
                    type="button"
                    class="quiet small"
                    disabled={isBusy}
                    onClick={() => act(name, channel)}
                  >
                    {ACTIONS[name].label}
                    <span class="unseen"> ({channel.name})</span>
                  </button>
                ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function describe({ type, waiting, failed, last_delivered_at, next_attempt_at }: Channel): string {
  const facts: string[] = [type];
  if (waiting > 0) facts.push(`${waiting} waiting`);
  if (failed > 0) facts.push(`${failed} failed`);
  if (next_attempt_at !== null) facts.push(`next try ${formatInstant(next_attempt_at)}`);
  facts.push(
    last_delivered_at === null
      ? "nothing delivered yet"
      : `last delivered ${formatInstant(last_delivered_at)}`,
  );
  return facts.join(" · ");
}
