// Alerts of a channel to others: that it was disabled, that a delivery has failed for good. Kept with
// what caused it, and handed over until all that want it have it.
import { v7 } from "uuid";
import { type Channel as Settings } from "../domain/notifications/channels";
import { channelsFor } from "../domain/notifications/channel-names";
import type { ChannelState } from "../domain/notifications/channel-lifecycle";
import { notificationId } from "../domain/notifications/delivery";
import type { FailureEventData, DisabledEventData } from "../domain/notifications/event-data";
import {
  createEvent,
  isAlert,
  type DomainEvent,
  type EventType,
} from "../domain/notifications/events";
import type { ChannelStore } from "../storage/channel-store";

const AT_ONCE = 100;

/** Surroundings of alerts. */
export interface AlertDeps {
  readonly name: string;
  readonly store: ChannelStore;
  /** All that there are now. */
  readonly channels: () => ReadonlyMap<string, Settings>;
  readonly tell: (event: DomainEvent, names: readonly string[]) => Promise<void>;
}

/** The alerts of one channel, kept until they are handed over. */
export class ChannelAlerts {
  readonly #deps: AlertDeps;
  #isHandingOver = false;

  constructor(deps: AlertDeps) {
    this.#deps = deps;
  }

  /** Keeps that the channel was disabled, for those that want to know. */
  disabled({ reason }: ChannelState, http_status: number | null): void {
    const { name, store } = this.#deps;
    const { waiting } = store.counts();
    warn({ event: "channel.disabled", channel: name, reason });
    const data = { id: name, channel: name, reason, http_status, waiting };
    this.#announce("channel.disabled", data satisfies DisabledEventData);
  }

  /** Keeps that a delivery has failed for good. What becomes of an alert is told to nobody. */
  failed(seq: number): void {
    const { name, store } = this.#deps;
    const event = store.eventOf(seq);
    const delivery = event && store.find(event.id)?.delivery;
    if (!event || delivery?.status !== "failed") return;
    const data = {
      id: notificationId(event.id, name),
      event_id: event.id,
      channel: name,
      event: event.type,
      record_id: event.recordId,
      attempts: delivery.attempts,
      http_status: delivery.httpStatus,
      error: delivery.error,
    } satisfies FailureEventData;
    // The answer may quote what was told.
    warn({ ...data, event: "notification.failed", of: event.type, error: data.error?.code });
    if (!isAlert(event.type)) this.#announce("notification.failed", data);
  }

  /** Hands over what is kept. @throws what the other channel threw; it is kept */
  async handOver(): Promise<void> {
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    const { store, tell } = this.#deps;
    try {
      for (let some = store.alerts(AT_ONCE); some.length > 0; some = store.alerts(AT_ONCE)) {
        for (const event of some) {
          await tell(event, this.#targets(event.type));
          store.finishAlert(event.id);
        }
      }
    } finally {
      this.#isHandingOver = false;
    }
  }

  #announce(type: EventType, data: DomainEvent["data"]): void {
    const { name, store } = this.#deps;
    if (this.#targets(type).length === 0) return;
    store.addAlert(createEvent({ id: v7(), type, recordId: name, data }, Date.now()));
  }

  /** Not the channel itself: it has just shown that it cannot tell. */
  #targets(type: DomainEvent["type"]): string[] {
    const { name, channels } = this.#deps;
    const names = type === "mail" ? [] : channelsFor(type, channels().values());
    return names.filter((other) => other !== name);
  }
}

function warn(line: Readonly<Record<string, unknown>>): void {
  console.warn(JSON.stringify({ level: "warn", ...line }));
}
