// The gates of all hosts that a job calls, and how many items are in flight to each.
import { afterRefusal, afterStart, afterTaken, openGate, startAt, type Gate } from "./gate";
import type { Attempt } from "./job";

/** Hosts without a refusal whose gates are kept: they tell what a host took before its first one. */
const MAX_OPEN_GATES = 10_000;

/** Gates by host. */
export class HostGates {
  readonly #gates: Map<string, Gate>;
  readonly #inFlight = new Map<string, number>();
  /** True if a gate that is to be saved has changed. */
  hasNews = false;

  /** @param saved gates of hosts that have refused calls */
  constructor(saved: Readonly<Record<string, Gate>>) {
    this.#gates = new Map(Object.entries(saved));
  }

  /** The earliest instant for a further call; Infinity if that depends on calls in flight. */
  startAt(host: string): number {
    const gate = this.#gates.get(host);
    return gate === undefined ? 0 : startAt(gate, this.#inFlight.get(host) ?? 0);
  }

  /** The instant until which a host has asked for patience; 0 for none. */
  closedUntil(host: string): number {
    return this.#gates.get(host)?.closedUntil ?? 0;
  }

  /** Notes the start of a call. */
  enter(host: string, now: number): void {
    this.#inFlight.set(host, (this.#inFlight.get(host) ?? 0) + 1);
    const gate = this.#gates.get(host) ?? openGate(now);
    if (this.#gates.has(host) || this.#gates.size < MAX_OPEN_GATES)
      this.#gates.set(host, afterStart(gate, now));
  }

  /** Notes that a call is in flight no more. */
  leave(host: string): void {
    const inFlight = (this.#inFlight.get(host) ?? 1) - 1;
    if (inFlight > 0) this.#inFlight.set(host, inFlight);
    else this.#inFlight.delete(host);
  }

  /** Judges a host by the outcome of a call. */
  judge(
    host: string,
    { attempt, startedAt }: { attempt: Attempt; startedAt: number },
    now: number,
  ) {
    const gate = this.#gates.get(host);
    if (attempt.status === "refused") {
      const before = gate ?? openGate(startedAt);
      this.#gates.set(host, afterRefusal(before, startedAt, attempt.waitMs, now));
      this.hasNews = true;
    } else if (gate !== undefined) {
      this.#gates.set(host, afterTaken(gate, startedAt));
      this.hasNews ||= gate.closedUntil > 0;
    }
  }

  /** The gates that are to be saved: of hosts that have refused calls. */
  toSave(): Record<string, Gate> {
    return Object.fromEntries([...this.#gates].filter(([, { closedUntil }]) => closedUntil > 0));
  }
}
