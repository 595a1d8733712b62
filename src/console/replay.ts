// Sends again what did not reach a channel.
import type { Client } from "../client";

/** Milliseconds for which the Worker keeps what was delivered. */
const KEPT_MS = 30 * 86_400_000;

/** Sends everything again that failed on a channel and is still kept. */
export async function replayFailed(
  client: Client,
  channel: string,
  signal: AbortSignal,
): Promise<void> {
  const since = new Date(Date.now() - KEPT_MS).toISOString();
  await client.channels.replay(channel, { since }, { signal });
}
