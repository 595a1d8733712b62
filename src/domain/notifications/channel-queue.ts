// Methods of a channel's object, as others see them. Every method is safe to repeat.
import type { ChannelState } from "./channel-lifecycle";
import type { Delivery, DeliveryStatus, LoggedAttempt } from "./delivery";
import type { DomainEvent } from "./events";

/** A channel's own account of its state. Times are milliseconds since 1970 UTC. */
export interface ChannelSummary {
  readonly state: ChannelState["state"];
  readonly reason: string | null;
  readonly waiting: number;
  readonly failed: number;
  readonly lastDeliveredAt: number | null;
  readonly nextAttemptAt: number | null;
}

/** Filters of deliveries; an undefined one leaves all. */
export interface DeliveryFilters {
  readonly status?: readonly DeliveryStatus[] | undefined;
  readonly event?: readonly string[] | undefined;
  readonly recordId?: string | undefined;
  /** Milliseconds since 1970 UTC: of the event. */
  readonly since?: number | undefined;
}

/** A part of a channel's list. */
export interface DeliveryQuery {
  readonly filters: DeliveryFilters;
  readonly order: "asc" | "desc";
  /** Only those beyond this place; null for all. */
  readonly after: number | null;
  /** True if a delivery at that very place is included. */
  readonly isInclusive: boolean;
  readonly limit: number;
}

/** A delivery with all that is kept of it. */
export interface DeliveryDetail {
  readonly delivery: Delivery;
  readonly log: readonly LoggedAttempt[];
  /** Null once its record was deleted. */
  readonly event: DomainEvent | null;
}

/** Outcome of what was asked of one delivery. */
export type DeliveryResult =
  | { readonly status: "done"; readonly delivery: Delivery }
  | { readonly status: "not-found" }
  | { readonly status: "refused"; readonly detail: string };

/** The queue, pace, history and state of one channel. */
export interface ChannelQueue {
  /** Takes an event, unless it was here before. Durable once it returns. */
  enqueue(event: DomainEvent): Promise<void>;
  summary(): Promise<ChannelSummary>;
  page(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Every unfinished delivery of a record and the latest others, the oldest first. */
  ofRecord(recordId: string, limit: number): Promise<readonly Delivery[]>;
  read(eventId: string): Promise<DeliveryDetail | null>;
  pause(): Promise<ChannelSummary>;
  enable(): Promise<ChannelSummary>;
  /** Has a delivery tried again from the beginning of its schedule, whatever became of it. */
  resend(eventId: string): Promise<DeliveryResult>;
  /** Has all deliveries of this status tried again whose event is no older. @returns how many */
  replay(status: DeliveryStatus, since: number): Promise<number>;
  /** Cancels what is pending. */
  cancel(eventId: string): Promise<DeliveryResult>;
  /** Cancels what is pending of a record and forgets what was told of it. */
  erase(recordId: string): Promise<void>;
}
