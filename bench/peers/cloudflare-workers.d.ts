// The part of the runtime that the peers extend: its own types clash with those of Node and the DOM.
declare module "cloudflare:workers" {
  export abstract class DurableObject<Bindings> {
    protected readonly ctx: {
      readonly storage: {
        readonly kv: {
          get(key: string): unknown;
          put(key: string, value: unknown): void;
        };
        readonly sql: {
          exec(query: string, ...values: readonly unknown[]): { readonly rowsWritten: number };
        };
      };
    };
    protected readonly env: Bindings;
    constructor(ctx: unknown, env: Bindings);
  }
}
