// Static assets beside the script, which the build makes and the Worker only reads. None has an address of
// its own: the Worker answers under every path.
//
// /data/<name>: text in UTF-8 from src/reference/data.ts, which the Worker itself needs, and rarely.
// /index.html, /docs.html, /client.js, /assets/*: files for browsers, with the headers of `_headers`.
// Lifetime: the deployment's. Writer: the build.

/** The binding of the static assets. */
export type AssetsEnv = Pick<Env, "ASSETS">;

const texts = new Map<string, string>();

/**
 * The text of an asset, read once an isolate.
 *
 * @throws Error if there is no such asset, because the site was not built
 */
export async function readAsset(env: AssetsEnv, name: string): Promise<string> {
  const known = texts.get(name);
  if (known !== undefined) return known;
  // The assets binding ignores the host.
  const response = await env.ASSETS.fetch(`https://assets.invalid/data/${name}`);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Cannot read the asset ${name}: status ${response.status}; was it built?`);
  }
  const text = await response.text();
  texts.set(name, text);
  return text;
}

/** A file ready to be sent. */
export interface OpenAsset {
  /** 200, or 304 without a stream if the caller has this version already. */
  readonly status: number;
  readonly mediaType: string;
  /** Headers that the build set for the file in `_headers`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: ReadableStream<Uint8Array> | null;
}

/**
 * Opens the file under a public path; null if there is none.
 *
 * @param isKnown returns true if the caller has the version with this entity tag
 */
export async function openAsset(
  env: AssetsEnv,
  path: string,
  isKnown: (etag: string) => boolean,
): Promise<OpenAsset | null> {
  const { status, headers, body } = await env.ASSETS.fetch(`https://assets.invalid${path}`);
  const isThere = status === 200;
  const isNews = isThere && !isKnown(headers.get("ETag") ?? "");
  if (!isNews) await body?.cancel();
  if (!isThere) return null;
  // Headers of Cloudflare's own cache do not belong to the file.
  const { "content-type": mediaType = "", ...own } = Object.fromEntries(
    [...headers].filter(([name]) => !name.startsWith("cf-")),
  );
  return { status: isNews ? 200 : 304, mediaType, headers: own, stream: isNews ? body : null };
}
