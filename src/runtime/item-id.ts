// Ids for the records that a batch creates: the same item of the same batch always gets the same id, so that
// running it again after a crash creates no duplicate.
import { v7 } from "uuid";
import { sha256Hex } from "../lib/sha256";

/**
 * A UUIDv7 derived from the batch's id and creation and the item's index. Ids of later items sort after
 * earlier ones.
 */
export async function itemId(batchId: string, createdAt: number, index: number): Promise<string> {
  const digest = await sha256Hex(`${batchId}/${index}`);
  const random = Uint8Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(digest.slice(2 * at, 2 * at + 2), 16),
  );
  return v7({ msecs: createdAt, seq: index, random });
}
