// All operations at once, for what is made of them before anything runs: the Worker loads each family as it is needed.
import type { OperationDefinition } from "../domain/operations/operation";
import { FAMILIES } from "../domain/operations/registry";
import { textOperations } from "../domain/operations/text";

/** Kinds of operations in the order in which they are told of. */
const KINDS = ["item", "list", "summary"];

const families = await Promise.all(Object.values(FAMILIES).map(({ load }) => load()));

/** All operations, family by family, those on items first. */
export const allOperations: readonly OperationDefinition[] = [textOperations, ...families]
  .flat()
  .toSorted((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
