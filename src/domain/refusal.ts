// Refusals as values: an error loses its class on the way between Durable Objects.
import type { DomainCode, Fault } from "./errors";

/** A refusal that can be returned over RPC. */
export interface Refusal {
  readonly status: "refused";
  readonly code: DomainCode;
  readonly detail: string;
  readonly errors?: readonly Fault[];
}

/** A refusal as a value. */
export function refused(code: DomainCode, detail: string, errors?: readonly Fault[]): Refusal {
  return { status: "refused", code, detail, ...(errors && { errors }) };
}
