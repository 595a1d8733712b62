// All families of operations. Only the text family is loaded at the start; this module, with JMESPath, is
// loaded when another family is first used. See `registry.ts`.
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

/** All operations, family by family. To add an operation, add one value to its family's file. */
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
