// The bindings that the simulator stands behind, found in `env`. They stay the objects they are, and get
// methods of their own: so whoever kept one in a field or a copy of `env` meets the simulator too.
import { env } from "cloudflare:workers";

type NamesOf<Kind> = { [Name in keyof Env]: Env[Name] extends Kind ? Name : never }[keyof Env];

/** Names of KV bindings. */
export type KvBinding = NamesOf<KVNamespace>;
/** Names of Durable Objects' bindings. */
export type ObjectBinding = NamesOf<{ idFromName(name: string): DurableObjectId }>;

function bindingsOf(kind: string): [name: string, binding: object][] {
  return Object.entries(env).filter(
    ([name, binding]) => !name.startsWith("__") && Object(binding).constructor.name === kind,
  );
}

/** All KV namespaces. */
export function kvNamespaces(): [KvBinding, KVNamespace][] {
  return bindingsOf("KvNamespace") as [KvBinding, KVNamespace][];
}

/** A namespace of objects whose methods are unknown. */
export type Objects = DurableObjectNamespace<Rpc.DurableObjectBranded>;

/** All namespaces of Durable Objects. */
export function objectNamespaces(): [ObjectBinding, Objects][] {
  return bindingsOf("DurableObjectNamespace") as [ObjectBinding, Objects][];
}

/** The binding whose objects have such ids. */
export function bindingOf(id: DurableObjectId): ObjectBinding {
  const found = objectNamespaces().find(([, namespace]) => {
    try {
      return namespace.idFromString(id.toString()).equals(id);
    } catch {
      return false;
    }
  });
  if (found === undefined)
    throw new Error(`No binding of Durable Objects has the id ${String(id)}.`);
  return found[0];
}

/** A stub that the simulator knows nothing of: whatever it is used for is neither counted nor fails. */
export function hiddenStub(binding: ObjectBinding, id: DurableObjectId): DurableObjectStub {
  const namespace: Objects = env[binding];
  const get: Objects["get"] = Reflect.get(Object.getPrototypeOf(namespace), "get");
  return get.call(namespace, id);
}
