// Faults that a test orders: which event they strike, and how often.

/** Events that a fault strikes, among those that match. */
export interface Aim {
  /** The first one struck: 1 is the next one. */
  readonly nth?: number | undefined;
  /** Events struck from there on. Infinity: until `end`. */
  readonly times?: number | undefined;
  /** Milliseconds since 1970 from which on it strikes no more. */
  readonly until?: number | undefined;
}

/** A fault that was ordered. */
export interface Fault {
  /** Times that it struck: 0 means that what it was meant for never happened. */
  readonly struck: number;
  /** Lets it strike no more. */
  end(): void;
}

/** A fault to order: how the events fail that have these properties. */
export type Ordered<Event, How> = Aim & Partial<Event> & { readonly how: How };

class Order<Event extends object, How> implements Fault {
  struck = 0;
  readonly how: How;
  readonly #where: Partial<Event>;
  readonly #aim: Aim;
  #seen = 0;
  #ended = false;

  constructor(how: How, where: Partial<Event>, aim: Aim) {
    this.how = how;
    this.#where = where;
    this.#aim = aim;
  }

  end(): void {
    this.#ended = true;
  }

  strikes(event: Event): boolean {
    const { nth = 1, times = 1, until = Infinity } = this.#aim;
    if (this.#ended || Date.now() >= until) return false;
    const matches = Object.entries(this.#where).every(
      ([name, value]) => Reflect.get(event, name) === value,
    );
    if (!matches) return false;
    this.#seen += 1;
    if (this.#seen < nth || this.#seen >= nth + times) return false;
    this.struck += 1;
    return true;
  }
}

/** Faults of one part of the platform. */
export class Faults<Event extends object, How> {
  readonly #orders: Order<Event, How>[] = [];

  /** Orders a fault for events that have all the other properties that are given. */
  fail({ how, nth, times, until, ...where }: Ordered<Event, How>): Fault {
    // The remaining properties are the event's, which the compiler cannot derive for a generic type.
    const order = new Order<Event, How>(how, where as never, {
      nth,
      times,
      until,
    });
    this.#orders.push(order);
    return order;
  }

  /** The fault that this event gets, or null. Every order that matches counts the event. */
  strike(event: Event): How | null {
    let struck: Order<Event, How> | null = null;
    for (const order of this.#orders) if (order.strikes(event)) struck ??= order;
    return struck?.how ?? null;
  }
}
