// The part of the runtime that the peers extend: its own types clash with those of Node and the DOM.
declare module "cloudflare:workers" {
  export abstract class DurableObject<Env> {
    protected readonly ctx: {
      readonly storage: {
        readonly kv: {
          get<T>(key: string): T | undefined;
          put(key: string, value: unknown): void;
        };
      };
    };
    protected readonly env: Env;
  }
}
