// Calls any route by its method and path.
import type { Client, CreateOptions } from "./api";
import type { Transport } from "./transport";

interface Input {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** The client's method `request`, which also reaches routes that the deployment added itself. */
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
