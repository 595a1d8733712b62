// Tells those who count requests what lanes send, without the lanes knowing of them.
import { LaneError, type LaneOpener, type LaneSession } from "../jobs/lanes";
import { awayMs } from "./away";

/** Is told of what lanes do. */
export interface LaneWatcher {
  /** Requests were sent. */
  readonly onSent: (requests: number) => void;
  /** Nothing can be attempted for so many milliseconds: a quota of the platform's is spent. */
  readonly onAway: (ms: number) => void;
}

/** Lanes that tell what they send, and when there is no use in trying any. */
export function watchLanes(opener: LaneOpener, { onSent, onAway }: LaneWatcher): LaneOpener {
  const watch = (session: LaneSession): LaneSession => ({
    run: async (due) => {
      const outcome = await session.run(due).catch((error: unknown) => {
        onSent(1); // Perhaps.
        throw error;
      });
      onSent(outcome.requests);
      if (outcome.awayMs === undefined) return outcome;
      onAway(outcome.awayMs);
      throw new LaneError("A quota of the day is spent");
    },
    close: () => session.close(),
  });
  return {
    ...opener,
    open: async (lane) => {
      try {
        return watch(await opener.open(lane));
      } catch (error) {
        const ms = awayMs(error);
        if (ms !== null) onAway(ms);
        throw error;
      }
    },
  };
}
