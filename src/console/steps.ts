// A pipeline while it is put together, and the operation that it stands for.
import type { Operation, OperationInfo } from "../client";

/** One step as its form has it: every value is a text, or the state of a box. */
export interface StepDraft {
  /** Tells steps of one name apart while they are moved. */
  readonly key: number;
  readonly name: string;
  readonly values: Readonly<Record<string, string | boolean>>;
}

/** What the form needs to know of a parameter: the part of JSON Schema that the operations use. */
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

/** A new step; its parameters are left to their defaults, but for those given. */
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

/** The parameters of an operation by name, and which of them it cannot do without. */
export function parametersOf(info: OperationInfo | undefined): {
  readonly schemas: Readonly<Record<string, ParameterSchema>>;
  readonly required: readonly string[];
} {
  // The Worker derives it from the operation's own schema; it is an object's.
  const { properties = {}, required = [] } = (info?.parameters ?? {}) as {
    properties?: Record<string, ParameterSchema>;
    required?: string[];
  };
  return { schemas: properties, required };
}

/** A parameter that a step cannot do without, and that is not filled in. */
interface MissingParameter {
  /** Of the step, from 1. */
  readonly place: number;
  readonly name: string;
}

/** What is still to be filled in before the operation can be sent. */
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

/** The operation as it is sent: a name, a name with parameters, or a list of these. */
export function toOperation(
  steps: readonly StepDraft[],
  operations: readonly OperationInfo[],
): Operation {
  const written = steps.map((step) => toStep(step, operations));
  // The client's type names every operation; here they are known at run time only.
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

/** What cannot be converted goes as text: the Worker says what is wrong with it. */
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
