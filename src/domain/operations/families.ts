// All families of operations at once, for what is made of them before anything runs. The Worker itself loads
// each as it is needed: see `registry.ts`.
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
