// What the Worker reads and never writes, and seldom needs, lies beside its script: static assets under
// /data, made by the build from src/data.ts. They have no address of their own: there the Worker answers.
//
// /data/<name>: text in UTF-8. Lifetime: the deployment's. Writer: the build.

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
