// Schemas of operations for the documentation, generated from the registry. In the script they would be
// larger than the registry itself.
import * as v from "valibot";
import { MAX_STEPS } from "../domain/operations/limits";
import type { OperationDefinition } from "../domain/operations/operation";
import { requiredParameters } from "../domain/operations/registry";
import { allOperations } from "./all-operations";

const withParameters = ({ name, summary, parameters }: OperationDefinition) =>
  v.pipe(v.strictObject({ name: v.literal(name), ...parameters }), v.description(summary));

const plainNames = allOperations
  .filter((operation) => requiredParameters(operation).length === 0)
  .map(({ name }) => name);

/** One step as a caller writes it. */
export const OperationStep = v.union([
  v.picklist(plainNames),
  ...allOperations.map(withParameters),
]);

/** An operation as a caller writes it, with every name and its parameters. */
export const DocumentedOperation = v.pipe(
  v.union([OperationStep, v.pipe(v.array(OperationStep), v.minLength(1), v.maxLength(MAX_STEPS))]),
  v.description("A name, a name with parameters, or a pipeline of these."),
);
