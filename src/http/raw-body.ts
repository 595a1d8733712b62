// Request bodies that are not one JSON document, passed to a handler that reads them record by record.

/** A body with one of a route's `rawBodyTypes`, which is not read yet. */
export class RawBody {
  readonly mediaType: string;
  /** Parameters of the media type, by their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly stream: ReadableStream<Uint8Array>;

  constructor(
    mediaType: string,
    parameters: ReadonlyMap<string, string>,
    stream: ReadableStream<Uint8Array>,
  ) {
    this.mediaType = mediaType;
    this.parameters = parameters;
    this.stream = stream;
  }
}
