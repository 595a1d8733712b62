// Request bodies that are not one JSON document, passed to a handler that reads them record by record.
import { MAX_LINES_BYTES } from "../domain/platform";

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

  /** Runs what reads this body. If it refuses before reading, the body is dropped first. */
  async handBy<Result>(run: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (thrown) {
      await this.#drop();
      throw thrown;
    }
  }

  /** Reads what nobody has read, and forgets it: an answer before the end of an upload may get lost. */
  async #drop(): Promise<void> {
    if (this.stream.locked) return;
    let left = MAX_LINES_BYTES;
    try {
      for await (const piece of this.stream) {
        left -= piece.byteLength;
        if (left <= 0) break;
      }
    } catch {
      // The caller is gone.
    }
  }
}
