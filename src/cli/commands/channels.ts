// The command `serentak channels`.
import type { Channel } from "../../client";
import type { Command, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import { formatNumber } from "../format";
import type { Terminal } from "../terminal";

const ACTIONS = ["test", "pause", "enable", "replay"] as const;

/** `serentak channels [NAME ACTION]`: tells the state of channels, or steers one. */
export const channelsCommand: Command = {
  name: "channels",
  usage: "[NAME ACTION]",
  summary: "tell the state of channels; test, pause, enable or replay one",
  about:
    "ACTION is test (sends an event channel.test), pause, enable, or replay (sends again what failed since an instant). With --json: the reply.",
  options: {
    since: { value: "INSTANT", help: "for replay, such as 2026-01-31T00:00:00Z" },
  },
  examples: ["serentak channels", "serentak channels ops replay --since 2026-01-31T00:00:00Z"],
  run,
};

async function run({ args, flags, client, terminal, signal }: Run): Promise<ExitCode> {
  const [name, word, ...others] = args;
  if (name === undefined) {
    const channels = await client.channels.list({ signal });
    terminal.printJson(channels);
    for (const channel of channels) terminal.print(describe(channel, terminal));
    return EXIT.done;
  }
  const action = ACTIONS.find((candidate) => candidate === word);
  if (action === undefined || others.length > 0)
    throw new UsageError(`channels takes a name and one of ${ACTIONS.join(", ")}.`);
  if (action === "pause" || action === "enable") {
    const channel = await client.channels[action](name, { signal });
    terminal.printJson(channel);
    terminal.print(describe(channel, terminal));
    return EXIT.done;
  }
  if (action === "test") {
    const notification = await client.channels.test(name, { signal });
    terminal.printJson(notification);
    terminal.print(`Sent. Its fate: serentak notifications ${notification.id}`);
    return EXIT.done;
  }
  const since = flags.text("since");
  if (since === undefined) throw new UsageError("replay needs --since.");
  const reply = await client.channels.replay(name, { since }, { signal });
  terminal.printJson(reply);
  terminal.print(`${formatNumber(reply.resent, "notification")} will be sent again.`);
  return EXIT.done;
}

function describe(channel: Channel, { paint }: Terminal): string {
  const { name, type, state, reason, waiting, failed } = channel;
  const colour = state === "active" && failed === 0 ? "green" : "red";
  const why = reason === null ? "" : `  ${reason}`;
  return `${paint(colour, state.padEnd(8))}  ${name}  (${type})  ${waiting} waiting, ${failed} failed${why}`;
}
