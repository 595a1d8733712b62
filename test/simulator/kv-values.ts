// Values, listed keys and cursors of KV, to and from what is kept of them.
import type { Entry } from "./kv-store";

/** A value as it is kept. */
export async function toStored(value: unknown): Promise<string | Uint8Array> {
  if (typeof value === "string") return value;
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  }
  if (value instanceof ArrayBuffer || value instanceof ReadableStream) {
    return new Uint8Array(await new Response(value).arrayBuffer());
  }
  return String(value);
}

/** A value as a read wants it. */
export function toType(value: Entry["value"], type: unknown): unknown {
  switch (type) {
    case "text":
      return toText(value);
    case "json":
      return JSON.parse(toText(value));
    case "arrayBuffer":
      return toBytes(value).buffer;
    case "stream":
      return new Response(toBytes(value)).body;
    default:
      throw new TypeError(
        'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
      );
  }
}

/** A value as a bulk read wants it. */
export function toBulkType(value: Entry["value"], type: "text" | "json"): unknown {
  try {
    return toType(value, type);
  } catch {
    const refusal = "At least one of the requested keys corresponds to a non-json value";
    throw new Error(`KV GET_BULK failed: 400 ${refusal}`);
  }
}

/** An entry of a listing. */
export function toListed([name, { expiresAt, metadata }]: [string, Entry]): {
  name: string;
  expiration?: number;
  metadata?: unknown;
} {
  return {
    name,
    ...(expiresAt !== null && { expiration: Math.floor(expiresAt / 1000) }),
    ...(metadata !== null && { metadata }),
  };
}

/** A cursor after this key. */
export function toCursor(name: string): string {
  return btoa(String.fromCharCode(...toBytes(name)));
}

/** The key that a cursor stands after. */
export function fromCursor(cursor: string): string {
  try {
    return toText(Uint8Array.from(atob(cursor), (unit) => unit.charCodeAt(0)));
  } catch {
    throw new Error("KV GET failed: 400 Invalid cursor");
  }
}

function toText(value: Entry["value"]): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

function toBytes(value: Entry["value"]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof value === "string" ? new TextEncoder().encode(value) : value);
}
