// Finds the parts of a table that tables of other kinds lack.
import type { BatchRows } from "../storage/batches";
import type { Keeper } from "./record-keeper";
import type { SignUpKeeper } from "./sign-up-keeper";
import type { TableParts } from "./table-parts";
import type { UpstreamKeeper } from "./upstream-keeper";

/** The records of a table; of users with those who are to become some. */
export function recordsOf(parts: TableParts): Pick<Keeper, "read" | "update" | "remove"> {
  return parts.signUps ?? keeperOf(parts);
}

/** The sign-ups of the table of users. @throws TypeError for any other */
export function signUpsOf({ signUps }: TableParts): SignUpKeeper {
  if (signUps === null) throw new TypeError("This table keeps no sign-ups");
  return signUps;
}

/** The rows of the register. @throws TypeError for any other table */
export function registerOf({ register }: TableParts): BatchRows {
  if (register === null) throw new TypeError("This table is no register");
  return register;
}

/** The keeper of a table's records. @throws TypeError if there are none */
export function keeperOf({ keeper }: TableParts): Keeper {
  if (keeper === null) throw new TypeError("This table keeps no records");
  return keeper;
}

/** The keeper of an upstream's counts. @throws TypeError for any other table */
export function upstreamOf({ upstream }: TableParts): UpstreamKeeper {
  if (upstream === null) throw new TypeError("This table counts no upstream's calls");
  return upstream;
}
