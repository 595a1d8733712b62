// Public interface of the operations: reading, listing and running them.
export { HeldError, ItemError, OperationError, OperationErrorCode } from "./errors";
export { MAX_ITEMS } from "./limits";
export { Operation, OperationSource, Operations, type Pipeline, type StepSource } from "./pipeline";
export type { RunOptions } from "./pipeline-run";
export { ReplyJson } from "./outcome-json";
export {
  isItemPipeline,
  isSummaryPipeline,
  type Outcome,
  runAll,
  runItem,
  runPipeline,
  type Start,
} from "./run";
export { FAMILY_NAMES, loadOperations } from "./registry";
export { estimateWork } from "./share-work";
export { Sizer } from "./size";
