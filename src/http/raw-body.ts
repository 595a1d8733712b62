// Request bodies that are not one JSON document, passed to a handler that reads them record by record.

/** A body with one of a route's `rawBodyTypes`. */
export class RawBody {
  readonly mediaType: string;
  readonly bytes: Uint8Array;

  constructor(mediaType: string, bytes: Uint8Array) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }
}
