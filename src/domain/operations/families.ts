// All families of operations at once, for what is made of them before anything runs. The Worker itself loads
// each as it is needed: see `registry.ts`.
import { dataOperations } from "./data";
import { dateOperations } from "./dates";
import { encodingOperations } from "./encoding";
import { extractOperations } from "./extract";
import { hashOperations } from "./hash";
import { caseOperations } from "./identifiers";
import { layoutOperations } from "./layout";
import { listOperations } from "./list";
import { markupOperations } from "./markup";
import { numberOperations } from "./number-format";
import type { OperationDefinition } from "./operation";
import { patternOperations } from "./patterns";
import { summaryOperations } from "./summary";
import { templateOperations } from "./templates";
import { textOperations } from "./text";
import { urlOperations } from "./urls";
import { validationOperations } from "./validation";

/** All operations, family by family. To add an operation, see `FAMILIES` in `registry.ts`. */
export const allOperations: readonly OperationDefinition[] = [
  ...textOperations,
  ...caseOperations,
  ...layoutOperations,
  ...encodingOperations,
  ...markupOperations,
  ...hashOperations,
  ...dataOperations,
  ...extractOperations,
  ...dateOperations,
  ...patternOperations,
  ...templateOperations,
  ...urlOperations,
  ...numberOperations,
  ...validationOperations,
  ...listOperations,
  ...summaryOperations,
];
