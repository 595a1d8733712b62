// Bodies that nobody thought of: whatever comes is answered, and read the same however it arrives.
import * as fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import * as v from "valibot";
import { readBody, type BodyRules } from "../../src/http/body";
import { RawBody } from "../../src/http/raw-body";
import { digestOf } from "../../src/runtime/digest-of";
import { attackWith, closeTheWayOut, GOOD_BODIES } from "./attack";

beforeAll(closeTheWayOut);

/** Strings of any UTF-16 units, lone surrogates included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

const anyKey = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "items",
    "operation",
    "name",
    "url",
    "email",
    "",
    "0",
  ),
  anyText,
);
/** Numbers whose JSON is read as they are: a longer integer is refused. */
const anyNumber = fc
  .oneof(
    fc.double({ noNaN: true }),
    fc.constantFrom(-0, 1e308, 5e-324, Number.MAX_SAFE_INTEGER, -1, 0.1),
  )
  .filter((number) => Number.isSafeInteger(number) || !/^-?\d+$/.test(String(number)));

const { anyValue } = fc.letrec<{ anyValue: unknown }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false, "", "a@example.com", "https://up.example/", "uppercase"),
    anyNumber,
    anyText,
    fc.array(tie("anyValue"), { maxLength: 5 }),
    fc
      .array(fc.tuple(anyKey, tie("anyValue")), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

/** All places in a value, as lists of keys. */
function placesIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...at]];
  return [[...at], ...Object.entries(value).flatMap(([key, part]) => placesIn(part, [...at, key]))];
}

/** A copy with another value in one place. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((part, n) => (String(n) === key ? replaced(part, rest, by) : part));
  if (typeof value !== "object" || value === null) return by;
  return { ...value, [key]: replaced(Reflect.get(value, key), rest, by) };
}

describe.each(Object.entries(GOOD_BODIES))("POST %s", (path, good) => {
  it("answers any JSON", async () => {
    await fc.assert(
      fc.asyncProperty(anyValue, async (body) => {
        await attackWith(path, JSON.stringify(body));
      }),
      { numRuns: 150 },
    );
  });

  it("answers a good body with any value in one place", async () => {
    const places = placesIn(good);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), anyValue, async (place, value) => {
        await attackWith(path, JSON.stringify(replaced(good, place, value)));
      }),
      { numRuns: 150 },
    );
  });

  it("answers a good body with any bytes in one place", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(good));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length),
        fc.uint8Array({ maxLength: 4 }),
        async (at, insert) => {
          const body = new Uint8Array([...bytes.slice(0, at), ...insert, ...bytes.slice(at)]);
          await attackWith(path, body);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it("POST /process-data answers any items with every operation", async ({ expect }) => {
  const names = [
    "uppercase",
    "reverse",
    "slugify",
    "length",
    "json_parse",
    "csv_parse",
    "flatten",
    "statistics",
    "frequency",
    "sort",
    "unique",
    "join",
    "strip_html",
    "extract_urls",
    "to_number",
    "histogram",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyValue, { minLength: 1, maxLength: 8 }),
      fc.subarray(names, { minLength: 1, maxLength: 10 }),
      async (items, operations) => {
        const { status } = await attackWith("/process-data", JSON.stringify({ items, operations }));
        expect(status).toBe(200);
      },
    ),
    { numRuns: 200 },
  );
});

const RULES: BodyRules = {
  schema: v.unknown(),
  maxBytes: 2000,
  jsonTypes: ["application/json"],
  rawTypes: ["text/csv"],
};

/** Reads a body that arrives in these pieces. */
async function read(pieces: readonly Uint8Array[], type: string): Promise<unknown> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) if (piece.length > 0) controller.enqueue(piece);
      controller.close();
    },
  });
  const request = new Request("https://api.example/", {
    method: "POST",
    body,
    headers: { "Content-Type": type },
  });
  try {
    const value = await readBody(request, RULES);
    return value instanceof RawBody ? await digestOf(value.stream) : JSON.stringify(value);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

it("A body is read the same in one piece and in many", async ({ expect }) => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 2100 }),
    anyValue.map((value) => new TextEncoder().encode(JSON.stringify(value))),
  );
  await fc.assert(
    fc.asyncProperty(
      anyBytes,
      fc.array(fc.nat(2100), { maxLength: 5 }),
      fc.constantFrom("application/json", "text/csv"),
      async (bytes, cuts, type) => {
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = ends.map((end, n) => bytes.slice(ends[n - 1] ?? 0, end));
        expect(await read(pieces, type)).toEqual(await read([bytes], type));
      },
    ),
  );
});

it("A body over the limit is refused however it arrives, and one within it never for its size", async ({
  expect,
}) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1900, max: 2100 }),
      fc.integer({ min: 1, max: 700 }),
      async (length, size) => {
        const bytes = new Uint8Array(length).fill(0x20);
        const pieces = Array.from({ length: Math.ceil(length / size) }, (_, n) =>
          bytes.slice(n * size, (n + 1) * size),
        );
        const result = await read(pieces, "application/json");
        const isOver = result === `The body may have at most ${RULES.maxBytes} bytes.`;
        expect(isOver).toBe(length > RULES.maxBytes);
      },
    ),
  );
});
