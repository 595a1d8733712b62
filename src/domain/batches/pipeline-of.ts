// Parses an operation again that a batch has stored, since functions cannot be.
import * as v from "valibot";
import { loadOperations, Operation, type Pipeline } from "../operations";

/** The pipeline that a batch's stored operation describes; null if it describes none any more. */
export async function pipelineOf(operation: unknown): Promise<Pipeline | null> {
  await loadOperations(operation);
  const parsed = v.safeParse(Operation, operation);
  return parsed.success ? parsed.output : null;
}
