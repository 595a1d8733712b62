// The Workers that are measured.

/** A Worker that takes part. */
export interface Peer {
  readonly name: string;
  /** Folder of its `wrangler.toml`, absolute or relative to the repository. */
  readonly folder: string;
}

/** The product. */
export const SERENTAK: Peer = { name: "serentak", folder: "." };

/** A Worker of `bench/peers`. */
export function peerOf(name: string): Peer {
  return { name, folder: `bench/peers/${name}` };
}

/** Another version of the product, by the absolute path of its checkout. */
export function otherVersion(folder: string): Peer {
  return { name: "other", folder };
}

/** The page that calls. */
export const ORIGIN = "https://shop.example.com";
