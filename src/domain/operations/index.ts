// What the rest of the Worker uses of operations: read them, list them, run them.
export { catalogue, type CatalogueEntry } from "./catalogue";
export { OperationError, type OperationErrorCode } from "./errors";
export { CsvError, readCsv } from "./csv";
export { MAX_ITEMS, MAX_PIPELINES } from "./limits";
export {
  Operation,
  OperationSource,
  OperationStep,
  Operations,
  type Pipeline,
  type StepSource,
} from "./pipeline";
export type { ItemFailure, RunOptions } from "./pipeline-run";
export {
  isItemPipeline,
  type ItemOutcome,
  type Outcome,
  type PipelineResult,
  runAll,
  runItem,
  runPipeline,
} from "./run";
