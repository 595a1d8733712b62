// Ids for what a batch creates: the same item of the same batch always gets the same one, so that
// running it again after a crash creates nothing twice.
import { v7 } from "uuid";
import { sha256Hex } from "../lib/sha256";

/** The UUIDv7 of a batch's item: in input order, made of the batch's id and its time of creation. */
export async function itemId(batchId: string, createdAt: number, index: number): Promise<string> {
  const digest = await sha256Hex(`${batchId}/${index}`);
  const random = Uint8Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(digest.slice(2 * at, 2 * at + 2), 16),
  );
  return v7({ msecs: createdAt, seq: index, random });
}
