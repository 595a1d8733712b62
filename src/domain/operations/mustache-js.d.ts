// The part of the library `mustache` that templates use; it has no types of its own.
declare module "mustache" {
  /** Parses templates into nested lists of tokens. */
  export class Writer {
    parse(template: string): unknown;
  }
  const mustache: { readonly Writer: typeof Writer };
  export default mustache;
}
