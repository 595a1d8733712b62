// What the Worker sends or reads and never writes lies beside its script: static assets, made by the build.
// None has an address of its own: the Worker answers under all of them.
//
// /data/<name>: text in UTF-8, from src/reference/data.ts: what the Worker itself reads, and seldom.
// /index.html, /docs.html, /client.js, /assets/*: what people and their pages open, with the headers of
// `_headers`.
// Lifetime: the deployment's. Writer: the build.

const texts = new Map<string, string>();

/**
 * The text of an asset, read once an isolate.
 *
 * @throws Error where there is none: the site was not built
 */
export async function readAsset(env: Env, name: string): Promise<string> {
  const known = texts.get(name);
  if (known !== undefined) return known;
  // The binding looks at the path alone.
  const response = await env.ASSETS.fetch(`https://assets.invalid/data/${name}`);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Cannot read the asset ${name}: status ${response.status}; was it built?`);
  }
  const text = await response.text();
  texts.set(name, text);
  return text;
}

/** A file on its way to the caller. */
export interface OpenAsset {
  /** 200, or 304 without a stream where the caller has this very file. */
  readonly status: number;
  readonly mediaType: string;
  /** What the build says of it besides. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: ReadableStream<Uint8Array> | null;
}

/**
 * A file by the path that people open it under, or null where there is none.
 *
 * @param isKnown whether the caller has the file with this entity tag
 */
export async function openAsset(
  env: Env,
  path: string,
  isKnown: (etag: string) => boolean,
): Promise<OpenAsset | null> {
  const { status, headers, body } = await env.ASSETS.fetch(`https://assets.invalid${path}`);
  const isThere = status === 200;
  const isNews = isThere && !isKnown(headers.get("ETag") ?? "");
  if (!isNews) await body?.cancel();
  if (!isThere) return null;
  // What the platform says of its own cache is no part of the file.
  const { "content-type": mediaType = "", ...own } = Object.fromEntries(
    [...headers].filter(([name]) => !name.startsWith("cf-")),
  );
  return { status: isNews ? 200 : 304, mediaType, headers: own, stream: isNews ? body : null };
}
