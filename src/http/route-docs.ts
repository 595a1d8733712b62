// The form of a route's documentation. Each folder of routes has it in its `docs.ts`, which no route imports,
// so that the deployed script does not contain it.
import type { RequestHeaderName } from "./header-names";

/**
 * An example request, shown in the documentation with the reply that the test suite records for it. Ids and
 * instants are replaced by samples.
 */
export interface Example {
  /** Its name in the documentation, such as `missing-title`. */
  readonly name: string;
  readonly summary: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Partial<Record<RequestHeaderName | "Accept", string>>>;
  /** A JSON value, or text of the media type. */
  readonly body?: unknown;
  /** Media type of the body; `application/json` by default. */
  readonly mediaType?: string;
  /** Status of the reply; by default the route's usual one. */
  readonly status?: number;
  /** Shows only a part of a long reply: a JMESPath expression for JSON, a pattern for text. */
  readonly excerpt?: string | RegExp;
}

/** The texts and examples of one route. */
export interface RouteDocs {
  /** One line, in the imperative. */
  readonly summary: string;
  /** In CommonMark. */
  readonly description?: string;
  /** Descriptions of further replies, by status. */
  readonly replies?: Readonly<Record<number, string>>;
  readonly examples: readonly [Example, ...Example[]];
}

/** The documentation of a folder's routes, by operation id. */
export type Docs = Readonly<Record<string, RouteDocs>>;
