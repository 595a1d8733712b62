// Refuses requests while a variable cannot be read: a default in its place could open what it was meant to
// close.
import { readConfig, refuseUnknownEndpoint } from "../env";
import { ConfigError } from "../variables";
import { refuseDummySecret, refuseOutbox } from "./local-only";
import type { RequestContext } from "./request-context";

type Configured = Pick<RequestContext, "env" | "config" | "origin" | "endpoints">;

/**
 * Refuses a request where a variable cannot be read, or may not be as it is under this address.
 *
 * @throws ConfigError naming the variable and its field
 */
export function refuseMisconfiguration({ env, config, origin, endpoints }: Configured): void {
  const { error } = readConfig(env);
  if (error !== null) throw error;
  refuseUnknownEndpoint(config, endpoints);
  refuseOutbox(config, origin);
  refuseDummySecret(config, origin);
}

/** The variable and field at fault, and what is wrong with it; null if there is none. */
export function misconfigurationOf(configured: Configured): string | null {
  try {
    refuseMisconfiguration(configured);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
