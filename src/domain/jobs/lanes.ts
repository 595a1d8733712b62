// Lanes of a job: objects with connections of their own, in which its items are attempted. A session is one
// invocation of a lane; it sends only so many requests, and is then relieved by a fresh one without a gap.
import { CONNECTIONS_PER_INVOCATION } from "../platform";
import type { Attempt } from "./job";
import type { Start } from "./window";

/** An outcome, and the outgoing requests that it took. */
export interface LaneOutcome {
  /** Null if the invocation's requests did not suffice: nothing of it counts. */
  readonly attempt: Attempt | null;
  readonly requests: number;
  /** Milliseconds for which nothing can be attempted: a quota of the platform's is spent. */
  readonly awayMs?: number;
}

/** One invocation of a lane. */
export interface LaneSession {
  /** Attempts an item. If it rejects, the outcome is unknown. */
  run(start: Start): Promise<LaneOutcome>;
  /** Ends the invocation, once nothing of it is in flight. */
  close(): void;
}

/** Opens lanes. */
export interface LaneOpener {
  /** Starts an invocation of the lane with this number. */
  open(lane: number): Promise<LaneSession>;
  /** Outgoing requests that one invocation may send. */
  readonly requests: number;
  /** Requests that one item may take at most: redirects, a token, or the lookups of a domain. */
  readonly requestsPerItem: number;
  /** Requests that one is taken to need, before any has shown. */
  readonly usualRequests: number;
}

/** The lane could not be reached: nothing was sent. */
export class LaneError extends Error {
  override readonly name = "LaneError";
}

interface Session {
  readonly opened: Promise<LaneSession>;
  /** Requests that neither were sent nor may still be by an item in flight. */
  free: number;
  busy: number;
  isRelieved: boolean;
}

/** A place for one item. */
export interface Slot {
  /** @throws LaneError if nothing was sent; any other error leaves the outcome unknown */
  run(start: Start): Promise<Attempt | null>;
  /** Gives the place back without running anything. */
  release(): void;
}

const MAX_LANES = 8;

/** The lanes of one job. */
export class Lanes {
  readonly #opener: LaneOpener;
  readonly #lanes: { busy: number; session: Session | null }[];
  /** The most requests that an item of this job took so far: those that may be repeated reserve no more. */
  #usual: number;
  /** Sessions that were opened since the last reset. */
  opened = 0;

  constructor(opener: LaneOpener) {
    this.#opener = opener;
    this.#usual = opener.usualRequests;
    this.#lanes = Array.from({ length: MAX_LANES }, () => ({ busy: 0, session: null }));
  }

  /**
   * Takes a place in the lanes that so many items in flight need; null if all are taken.
   *
   * @param isOnce true for an item whose requests are all reserved, since it must not be broken off
   */
  take(concurrency: number, isOnce: boolean): Slot | null {
    const width = Math.min(MAX_LANES, Math.ceil(concurrency / CONNECTIONS_PER_INVOCATION));
    const at = this.#leastBusy(width);
    const lane = this.#lanes[at];
    if (lane === undefined || lane.busy >= CONNECTIONS_PER_INVOCATION) return null;
    const share = isOnce ? this.#opener.requestsPerItem : this.#usual;
    const session = this.#sessionOf(at, share);
    session.free -= share;
    session.busy += 1;
    lane.busy += 1;
    const release = () => {
      lane.busy -= 1;
      session.busy -= 1;
      if (session.isRelieved) relieve(session);
    };
    return {
      run: (start) => this.#run(at, session, share, start).finally(release),
      release: () => {
        session.free += share;
        release();
      },
    };
  }

  /** Ends all sessions of which nothing is in flight. */
  close(): void {
    for (const lane of this.#lanes) {
      if (lane.session !== null) relieve(lane.session);
      lane.session = null;
    }
  }

  #leastBusy(width: number): number {
    let least = 0;
    for (let at = 1; at < width; at += 1)
      if ((this.#lanes[at]?.busy ?? 0) < (this.#lanes[least]?.busy ?? 0)) least = at;
    return least;
  }

  #sessionOf(at: number, share: number): Session {
    const lane = this.#lanes[at];
    const known = lane?.session ?? null;
    if (known !== null && known.free >= share) return known;
    if (known !== null) relieve(known);
    this.opened += 1;
    const session: Session = {
      opened: this.#opener.open(at),
      free: this.#opener.requests,
      busy: 0,
      isRelieved: false,
    };
    // Whoever runs an item in it hears of a failure.
    session.opened.catch(() => undefined);
    if (lane !== undefined) lane.session = session;
    return session;
  }

  async #run(at: number, session: Session, share: number, start: Start): Promise<Attempt | null> {
    const lane = this.#lanes[at];
    try {
      const opened = await session.opened.catch((error: unknown) => {
        throw new LaneError("The lane could not be reached", { cause: error });
      });
      const { attempt, requests } = await opened.run(start);
      session.free += share - requests;
      const { requestsPerItem } = this.#opener;
      const seen = attempt === null ? requestsPerItem : requests;
      this.#usual = Math.min(requestsPerItem, Math.max(this.#usual, seen));
      return attempt;
    } catch (error) {
      if (lane?.session === session) lane.session = null;
      session.isRelieved = true;
      throw error;
    }
  }
}

/** Gives a session nothing more, and ends it once nothing of it is in flight. */
function relieve(session: Session): void {
  session.isRelieved = true;
  if (session.busy > 0) return;
  session.opened.then((opened) => opened.close()).catch(() => undefined);
}
