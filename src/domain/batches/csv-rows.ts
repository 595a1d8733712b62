// Makes an item of each row of a CSV file: a field of each column, of the type that the item's schema has there.
import type * as v from "valibot";
import { jsonPointer } from "../../lib/json-pointer";
import { textReader, type TextReader } from "../../lib/text-reader";
import { MAX_DETAIL_CHARACTERS, type Fault } from "../errors";
import { MAX_ITEM_CHARACTERS } from "../platform";
import { inspectJson } from "../inspect-json";
import { isEndpointOperation, ITEM_FIELDS } from "./batch-operations";
import { fold, unknownColumns } from "./call-template";

/** The column that names items. */
const ID_COLUMN = "item_id";
/** Characters of a name that a refusal quotes. */
const MAX_QUOTED_CHARACTERS = 100;

/** Rules by which the rows of a file become items. */
export interface RowRules {
  readonly operation: unknown;
  /** False if the first row is an item, too. */
  readonly hasHeader: boolean;
  /** Template of the call that each row makes, or null. */
  readonly template: unknown;
}

/** An item of a row, with the faults of its cells, or the reason why the row is none. */
export type RowItem = ItemOfRow | { readonly unreadable: string };

/** An item with its JSON, where that is all that matters, and the faults of its cells. */
interface ItemOfRow {
  readonly item: unknown;
  readonly json?: string;
  readonly id?: string;
  readonly isRow: true;
  readonly faults: readonly Fault[];
}

interface Column {
  readonly name: string;
  /** The name and the colon after it, as JSON. */
  readonly key: string;
  /** Null where cells are texts. */
  readonly reader: TextReader | null;
}

const encoder = new TextEncoder();

/** The rows of one file. */
export class CsvRows {
  readonly #rules: RowRules;
  #columns: readonly Column[] = [];
  /** Those that are members of an item, with their places in a row. */
  #members: readonly (readonly [at: number, column: Column])[] = [];
  #idAt = -1;

  constructor(rules: RowRules) {
    this.#rules = rules;
  }

  /** Names of the columns, without that of ids. */
  get names(): readonly string[] {
    return this.#columns.flatMap(({ name }, at) =>
      name === "" || at === this.#idAt ? [] : [name],
    );
  }

  /** Takes the first row. Returns the faults of its names, as sentences. */
  open(cells: readonly string[]): readonly string[] {
    const faults = this.#open(cells);
    const isRow = this.#rules.template !== null;
    this.#members = [...this.#columns.entries()].filter(
      ([at, { name }]) => name !== "" && (isRow || at !== this.#idAt),
    );
    return faults;
  }

  #open(cells: readonly string[]): readonly string[] {
    const { operation, hasHeader, template } = this.#rules;
    const names = hasHeader ? cells : cells.map((_, at) => String(at + 1));
    this.#idAt = hasHeader ? names.findIndex((name) => fold(name) === ID_COLUMN) : -1;
    if (template !== null || !isEndpointOperation(operation)) {
      this.#columns = names.map(textColumn);
      return [...this.#repeated(), ...this.#unknownInTemplate()];
    }
    const fields = ITEM_FIELDS[operation];
    if (!hasHeader) {
      this.#columns = names.map(textColumn);
      const isUrl = operation === "external-api" && names.length === 1;
      return isUrl ? [] : [`Items of ${operation} need a first row that names their fields`];
    }
    this.#columns = names.map((name, at) =>
      at === this.#idAt ? textColumn(name) : fieldColumn(name, fields),
    );
    return [...this.#repeated(), ...this.#unknownIn(fields)];
  }

  #repeated(): string[] {
    const seen = new Set([""]);
    return this.#columns
      .filter(({ name }) => name !== "" && seen.size === seen.add(name).size)
      .map(({ name }) => `The column ${quote(name)} stands twice`);
  }

  #unknownIn(fields: v.ObjectEntries): string[] {
    const known = Object.keys(fields).join(", ");
    return this.#columns
      .filter(({ name }, at) => name !== "" && at !== this.#idAt && !Object.hasOwn(fields, name))
      .map(({ name }) => `The column ${quote(name)} is none of ${known}`);
  }

  #unknownInTemplate(): string[] {
    const names = this.#columns.map(({ name }) => name);
    const known = names.join(", ").slice(0, MAX_DETAIL_CHARACTERS);
    return unknownColumns(this.#rules.template, names).map(
      (name) => `The template's ${quote(`{${name}}`)} is none of ${known}; a brace is written {{`,
    );
  }

  /** The item of a row; null for one of empty cells alone, such as spreadsheets leave at the end. */
  toItem(cells: readonly string[]): RowItem | null {
    const columns = this.#columns;
    if (columns.length > 1 && cells.every(isEmpty)) return null;
    const isLonger = cells.slice(columns.length).some((cell) => cell !== "");
    if (cells.length < columns.length || isLonger) return { unreadable: this.#misfit(cells) };
    const unnamed = columns.findIndex(({ name }, at) => name === "" && cells[at] !== "");
    if (unnamed !== -1) return { unreadable: `Cell ${unnamed + 1} stands under no name` };
    const id = cells[this.#idAt];
    return { ...this.#itemOf(cells), isRow: true, ...(id !== undefined && { id }) };
  }

  #misfit({ length }: readonly string[]): string {
    const columns = this.#columns.length;
    const found = `${length} ${length === 1 ? "cell" : "cells"}, but ${columns} ${columns === 1 ? "column" : "columns"}`;
    return `${found}; quote a cell that holds the delimiter, or name another as \`delimiter\``;
  }

  #itemOf(cells: readonly string[]): Pick<ItemOfRow, "item" | "json" | "faults"> {
    const { hasHeader, template, operation } = this.#rules;
    const isRow = template !== null;
    const members = this.#members;
    const [first] = members;
    if (first !== undefined && members.length === 1 && first[1].reader === null && !isRow)
      return { item: cells[first[0]], faults: [] };
    if (!hasHeader && !isRow) return { item: members.map(([at]) => cells[at]), faults: [] };
    // An empty cell is a field that is not given.
    const given = members.filter(([at]) => cells[at] !== "");
    if (!isRow && !isEndpointOperation(operation)) return itemOfJson(given, cells);
    const faults: Fault[] = [];
    const entries = given.map(([at, { name, reader }]) => {
      const cell = cells[at] ?? "";
      return [name, reader === null ? cell : readCell(name, cell, reader, faults)];
    });
    return { item: Object.fromEntries(entries), faults };
  }
}

/** An item that is stored as its JSON: an object of a thousand members would take ten times as much. */
function itemOfJson(members: readonly (readonly [number, Column])[], cells: readonly string[]) {
  const texts = members.map(([at, { key }]) => `${key}${JSON.stringify(cells[at])}`);
  const json = `{${texts.join(",")}}`;
  // An item that is too long is judged by its value.
  return { item: json.length > MAX_ITEM_CHARACTERS ? JSON.parse(json) : null, json, faults: [] };
}

function quote(name: string): string {
  return `"${name.slice(0, MAX_QUOTED_CHARACTERS)}"`;
}

const isEmpty = (cell: string) => cell === "";

function textColumn(name: string): Column {
  return { name: name.trim(), key: `${JSON.stringify(name.trim())}:`, reader: null };
}

function fieldColumn(name: string, fields: v.ObjectEntries): Column {
  const field = Object.keys(fields).find((key) => key === fold(name)) ?? name.trim();
  const schema = Object.hasOwn(fields, field) ? fields[field] : undefined;
  const key = `${JSON.stringify(field)}:`;
  return { name: field, key, reader: schema === undefined ? null : textReader(schema) };
}

/** The value of a cell. Its faults are added to `faults`. */
function readCell(name: string, cell: string, reader: TextReader, faults: Fault[]): unknown {
  if (reader.isNullable && cell.trim().toLowerCase() === "null") return null;
  if (reader.type === "text") return reader.read(cell);
  const field = jsonPointer([name]);
  const { excess, faults: found } = inspectJson(encoder.encode(cell));
  // Structure that is too deep is not parsed.
  if (excess !== null) faults.push({ pointer: field, detail: `The cell is ${excess}` });
  else if (reader.type === "json" && !isJson(cell))
    faults.push({ pointer: field, detail: "Not JSON; a text in it stands in quotes" });
  for (const { pointer, detail } of found)
    faults.push({ pointer: `${field}${pointer.slice(1)}`, detail });
  return excess === null ? reader.read(cell) : cell;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
