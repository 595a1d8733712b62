// Any route by its method and path.
import type { Client, CreateOptions } from "./api";
import type { Transport } from "./transport";

interface Input {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** The method of the client for every route, one of the deployment's own among them. */
export function requestOf(transport: Transport): Pick<Client, "request"> {
  return {
    request: (
      route: string,
      { body: json, query = {}, params = {} }: Input,
      options: CreateOptions = {},
    ) => {
      const [method = "", template = ""] = route.split(" ");
      const path = template.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ""));
      const call = { method, path, query, json };
      return options.idempotencyKey === undefined
        ? transport.call(call, options)
        : transport.create(call, options);
    },
  };
}
