// What the documentation says of a route besides its definition. It stands in the `docs.ts` of the
// route's folder, which no route imports: the deployed script does without it.
import type { RequestHeaderName } from "./header-names";

/**
 * A request, shown in the documentation with the reply that it gets: the suite sends it and records
 * what the Worker answers. Ids and instants are samples.
 */
export interface Example {
  /** Names it in the documentation: `missing-title`. */
  readonly name: string;
  readonly summary: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Partial<Record<RequestHeaderName | "Accept", string>>>;
  /** A JSON value, or text of the media type. */
  readonly body?: unknown;
  /** Of the body; `application/json` unless said otherwise. */
  readonly mediaType?: string;
  /** Of the reply; the route's usual one unless said otherwise. */
  readonly status?: number;
  /** The part of a long reply that is shown: a JMESPath expression for JSON, a pattern for text. */
  readonly excerpt?: string | RegExp;
}

/** The words and examples of one route. */
export interface RouteDocs {
  /** One line, in the imperative. */
  readonly summary: string;
  /** In CommonMark. */
  readonly description?: string;
  /** What a reply besides the usual one means, by its status. */
  readonly replies?: Readonly<Record<number, string>>;
  readonly examples: readonly [Example, ...Example[]];
}

/** The docs of a folder's routes by operation id. */
export type Docs = Readonly<Record<string, RouteDocs>>;
