// A pipeline in the form, and its conversion to an operation.
import type { Operation, OperationInfo } from "../client";

/** A step in the form: each value is a text, or the state of a checkbox. */
export interface StepDraft {
  /** Identifies the step for rendering, also while steps are moved. */
  readonly key: number;
  readonly name: string;
  readonly values: Readonly<Record<string, string | boolean>>;
}

/** The part of JSON Schema that describes the operations' parameters. */
export interface ParameterSchema {
  readonly type?: "string" | "integer" | "number" | "boolean" | "array" | "object";
  readonly enum?: readonly (string | number)[];
  readonly items?: { readonly type?: string };
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: string | number | boolean | readonly number[];
  readonly description?: string;
}

let lastKey = 0;

/** Creates a step; parameters that are not given have their defaults. */
export function createStep(
  name: string,
  parameters: Readonly<Record<string, unknown>> = {},
): StepDraft {
  lastKey += 1;
  const values = Object.entries(parameters).map(([key, value]) => [key, toFormValue(value)]);
  return { key: lastKey, name, values: Object.fromEntries(values) };
}

function toFormValue(value: unknown): string | boolean {
  if (typeof value === "boolean" || typeof value === "string") return value;
  return Array.isArray(value) ? value.join(", ") : JSON.stringify(value);
}

/** Schemas of an operation's parameters, and the names of the required ones. */
export function parametersOf(info: OperationInfo | undefined): {
  readonly schemas: Readonly<Record<string, ParameterSchema>>;
  readonly required: readonly string[];
} {
  // In the catalogue, the parameters are the schema of an object.
  const { properties = {}, required = [] } = (info?.parameters ?? {}) as {
    properties?: Record<string, ParameterSchema>;
    required?: string[];
  };
  return { schemas: properties, required };
}

/** A required parameter that is empty. */
interface MissingParameter {
  /** Number of the step, counted from 1. */
  readonly place: number;
  readonly name: string;
}

/** Required parameters that are still empty. */
export function missingParameters(
  steps: readonly StepDraft[],
  operations: readonly OperationInfo[],
): MissingParameter[] {
  return steps.flatMap(({ name, values }, index) =>
    parametersOf(operations.find((info) => info.name === name))
      .required.filter((parameter) => (values[parameter] ?? "") === "")
      .map((parameter) => ({ place: index + 1, name: parameter })),
  );
}

/** Converts the steps to an operation: a name, a name with parameters, or a list of these. */
export function toOperation(
  steps: readonly StepDraft[],
  operations: readonly OperationInfo[],
): Operation {
  const written = steps.map((step) => toStep(step, operations));
  // The client's type lists all operations by name, which here are known only at run time.
  return (written.length === 1 ? written[0] : written) as Operation;
}

function toStep({ name, values }: StepDraft, operations: readonly OperationInfo[]): unknown {
  const { schemas } = parametersOf(operations.find((info) => info.name === name));
  const parameters = Object.entries(schemas).flatMap(([key, schema]) => {
    const value = values[key];
    return value === undefined || value === "" ? [] : [[key, toValue(value, schema)]];
  });
  return parameters.length === 0 ? name : { name, ...Object.fromEntries(parameters) };
}

/**
 * Converts a text by the parameter's schema; one that does not convert is sent as text, for the Worker to
 * refuse.
 */
function toValue(value: string | boolean, schema: ParameterSchema): unknown {
  if (typeof value === "boolean") return value;
  if (schema.enum !== undefined) return schema.enum.find((one) => String(one) === value) ?? value;
  if (schema.type === "integer" || schema.type === "number") return toNumber(value);
  if (schema.type === "array") return toList(value, schema);
  return schema.type === "object" ? parseOrKeep(value) : value;
}

function toList(text: string, { items }: ParameterSchema): unknown[] {
  const parts = text.split(",").map((part) => part.trim());
  return items?.type === "number" ? parts.map(toNumber) : parts;
}

function toNumber(text: string): number | string {
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function parseOrKeep(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
