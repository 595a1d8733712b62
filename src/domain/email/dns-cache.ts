// Keeps answers of DNS for as long as they say (RFC 1035 §3.2.1): most sign-ups have a domain of a few large
// providers, and each question is one of the requests that an invocation may send.
import type { Resolve } from "./deliverability";
import type { DnsAnswer } from "./dns-answer";

/** Seconds for which an answer is kept, at most: an owner who repairs a domain need not wait for long. */
const MAX_KEPT_S = 300;
/** Answers that are kept; most have about 200 bytes. */
const MAX_KEPT = 1000;

interface Kept {
  readonly answer: DnsAnswer;
  /** In milliseconds since 1970 UTC. */
  readonly expiresAt: number;
}

/** Answers by question. Those without records are not kept: the domain may be about to get some. */
export class DnsCache {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Wraps a resolver that is asked only for what is not kept. */
  over(resolve: Resolve): Resolve {
    return (name, type, limit) => {
      const question = `${type} ${name}`;
      const kept = this.#kept.get(question);
      if (kept !== undefined && kept.expiresAt > this.#now()) return kept.answer;
      return this.#ask(question, resolve(name, type, limit));
    };
  }

  async #ask(question: string, asked: ReturnType<Resolve>): Promise<DnsAnswer> {
    const answer = await asked;
    if (answer.ttlS > 0) this.#keep(question, answer);
    return answer;
  }

  #keep(question: string, answer: DnsAnswer): void {
    // Deleted first, so that the Map's order is that of the answers, and the oldest goes.
    this.#kept.delete(question);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    const expiresAt = this.#now() + 1000 * Math.min(answer.ttlS, MAX_KEPT_S);
    this.#kept.set(question, { answer, expiresAt });
  }
}
