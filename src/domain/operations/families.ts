// Every family of operations but that of texts: evaluated when one of them is first asked for, and JMESPath
// with them. See `registry.ts`.
import { dataOperations } from "./data";
import { encodingOperations } from "./encoding";
import { extractOperations } from "./extract";
import { hashOperations } from "./hash";
import { layoutOperations } from "./layout";
import { listOperations } from "./list";
import { markupOperations } from "./markup";
import type { OperationDefinition } from "./operation";
import { summaryOperations } from "./summary";
import { textOperations } from "./text";

/** Every operation, family by family. Whoever adds an operation adds one value to its family's file. */
export const allOperations: readonly OperationDefinition[] = [
  ...textOperations,
  ...layoutOperations,
  ...encodingOperations,
  ...markupOperations,
  ...hashOperations,
  ...dataOperations,
  ...extractOperations,
  ...listOperations,
  ...summaryOperations,
];
