// Forms as browsers send them from a page of a listed origin.
import type { StoredTask } from "../../src/domain/records/tasks";
import type { User } from "../../src/domain/records/users";
import { read } from "./users";
import { send } from "./worker";

/** The origin of the page, which ALLOWED_ORIGINS of the tests lists. */
export const SITE = "https://site.example";
/** The `Accept` of a browser that shows the reply. */
export const FOR_A_PAGE = {
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
};

/** Fields in the order of the form. */
export type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

function entriesOf(fields: Fields): (readonly [string, string])[] {
  return Array.isArray(fields) ? [...fields] : Object.entries(fields);
}

/** The body of a form without an `enctype`. */
export function urlencoded(fields: Fields): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of entriesOf(fields)) body.append(name, value);
  return body;
}

/** The body of a form with `enctype="multipart/form-data"`. */
export function multipart(fields: Fields): FormData {
  const body = new FormData();
  for (const [name, value] of entriesOf(fields)) body.append(name, value);
  return body;
}

/** Sends a form. A header that is empty is left out. */
export function submit(
  path: string,
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
  vars: Record<string, unknown> = {},
): Promise<Response> {
  const all = Object.entries({ Origin: SITE, ...headers }).filter(([, value]) => value !== "");
  return send(path, { method: "POST", headers: Object.fromEntries(all), body }, vars);
}

/** Sends a form as a browser does, and returns the page that it shows. */
export async function pageAfter(
  path: string,
  fields: Fields,
  headers: Readonly<Record<string, string>> = {},
  vars: Record<string, unknown> = {},
): Promise<{ response: Response; text: string }> {
  const response = await submit(path, urlencoded(fields), { ...FOR_A_PAGE, ...headers }, vars);
  return { response, text: await response.text() };
}

/** The newest records of a kind, whole. */
export async function newest<Kind extends "users" | "tasks">(
  kind: Kind,
  filter = "",
): Promise<(Kind extends "users" ? User : StoredTask)[]> {
  const response = await read(`/${kind}?${filter}`, { Accept: "application/x-ndjson" });
  const lines = new TextDecoder()
    .decode(await response.arrayBuffer())
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}
