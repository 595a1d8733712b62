// Outgoing requests: answered by the test, and refused beyond what an invocation may send.
import { type InvocationLimits, takeOne } from "./invocations";
import type { Ledger } from "./ledger";
import { TOO_MANY } from "./platform";

/** Answers in place of the network. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** The name under which outgoing requests are counted, in place of a binding's. */
const INTERNET = "fetch";

/** Outgoing requests of this isolate. */
export class SimulatedFetch {
  readonly #limits: InvocationLimits;
  readonly #ledger: Ledger;
  #answer: Answer = () => {
    throw new Error("Network connection lost.");
  };

  constructor(limits: InvocationLimits, ledger: Ledger) {
    this.#limits = limits;
    this.#ledger = ledger;
  }

  /** Answers from now on. Before the first call nothing can be reached. */
  answer(answer: Answer): void {
    this.#answer = answer;
  }

  /** `fetch` of the runtime. A redirect is handed on as it is, and the next hop is another request. */
  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    if (!takeOne("outgoing", this.#limits)) {
      this.#ledger.count(INTERNET, "outgoingRefused");
      throw new Error(TOO_MANY.outgoing);
    }
    this.#ledger.count(INTERNET, "outgoing");
    const request = new Request(input instanceof URL ? input.href : input, init);
    const signal = init?.signal ?? request.signal;
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([this.#answer(request), aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
