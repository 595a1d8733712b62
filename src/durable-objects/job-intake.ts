// Takes in the items of a job that come as a stream, before it is submitted.
import { Intake, type Upload } from "../domain/batches/intake";
import type { Staged } from "../domain/batches/submit-batch";
import { DomainError, refused } from "../domain/errors";
import { readConfig } from "../env";
import { toHex } from "../lib/to-hex";
import { openSha256 } from "../runtime/digest-of";
import { piecesOf } from "../runtime/pieces-of";
import { usersIn } from "../runtime/tables";
import type { JobStore } from "../storage/job-store";

/** Bytes that are read on beyond the limit of a body: an answer before its end may get lost. */
const DROPPED_BYTES = 16 * 1024 * 1024;

/** Milliseconds after which chunks are deleted that were uploaded but never submitted. */
const ABANDONED_MS = 60 * 60_000;

/** Parts of a job that takes items in. */
export interface IntakeParts {
  readonly store: JobStore;
  readonly storage: DurableObjectStorage;
  readonly env: Env;
}

/** Stores the items of one body at a time. */
export class JobIntake {
  readonly #parts: IntakeParts;
  #isBusy = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** True while a body is read. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Lets the alarm delete what is never submitted. */
  guard(): Promise<void> {
    return this.#parts.storage.setAlarm(Date.now() + ABANDONED_MS);
  }

  /** Deletes what was stored, if it is not submitted. */
  async discard(): Promise<void> {
    const { store, storage } = this.#parts;
    if (store.job !== undefined) return;
    store.forget();
    await storage.deleteAll();
  }

  /** Stores the items of a body, or nothing. Its parameters are those of `EmptyJob.stage`. */
  async stage(
    upload: Upload,
    body: ReadableStream<Uint8Array>,
    isDigested: boolean,
    admit: ((count: number) => Promise<boolean>) | null,
  ): Promise<Staged> {
    if (this.#isBusy) return { status: "busy" };
    this.#isBusy = true;
    let isTaken = false;
    try {
      const staged = await this.#read(upload, body, isDigested, admit);
      isTaken = staged.status === "taken";
      return staged;
    } catch (error) {
      // An error loses its class on its way to the caller.
      if (error instanceof DomainError)
        return refused(error.code, error.message, error.options.errors);
      throw error;
    } finally {
      this.#isBusy = false;
      if (!isTaken) await this.discard();
    }
  }

  async #begin(): Promise<void> {
    const { store } = this.#parts;
    await this.guard();
    store.clear();
    // Whoever stored items before must not submit these.
    if (store.stage !== undefined) store.stage = undefined;
  }

  async #read(
    upload: Upload,
    body: ReadableStream<Uint8Array>,
    isDigested: boolean,
    admit: ((count: number) => Promise<boolean>) | null,
  ): Promise<Staged> {
    const { store, env } = this.#parts;
    const { upstreams, channels } = readConfig(env).config;
    // Rows without a job are what an upload left that was cut off, and go; those of a submitted job stay.
    const isNew = store.job === undefined;
    if (isNew) await this.#begin();
    const intake = new Intake(upload, {
      known: { upstreams, channels, hasToken: upload.hasToken },
      store: async (chunks) => {
        if (isNew) store.append(chunks);
      },
      admit: admit ?? (async () => true),
      missingUsers: (ids) => usersIn(env).missing(ids),
    });
    const digest = isDigested ? openSha256() : null;
    await feed(intake, body, upload.maxBytes + DROPPED_BYTES, digest);
    const taken = await intake.end();
    const stage = crypto.randomUUID();
    if (taken.status === "taken" && isNew) store.stage = stage;
    return { ...taken, digest: digest === null ? null : toHex(await digest.digest), stage };
  }
}

/** Hands a body to its intake piece by piece, up to so many bytes, and to its digest. */
async function feed(
  intake: Intake,
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  digest: WritableStream<Uint8Array> | null,
): Promise<void> {
  const writer = digest?.getWriter();
  let left = maxBytes;
  for await (const piece of piecesOf(body)) {
    await intake.take(piece);
    await writer?.write(piece);
    left -= piece.byteLength;
    if (left <= 0) break;
  }
  await writer?.close();
}
