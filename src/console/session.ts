// What all parts of the page know: the token, and the client that sends it.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Client, createClient, type OperationInfo } from "../client";
import type { Latest } from "./use-latest";

/** The token is kept for as long as the browser's tab. */
export interface Session {
  /** Empty for none. */
  readonly token: string;
  readonly setToken: (token: string) => void;
  readonly client: Client;
  /** What the Worker can do to items. */
  readonly operations: Latest<OperationInfo[]>;
}

const TOKEN_KEY = "serentak-token";
/** Who looks at the page wants to see a refusal, not wait for a better answer. */
const MAX_RETRY_WAIT_MS = 3000;

/** The token of an earlier load of this page in this tab. */
export function storedToken(): string {
  return sessionStorage.getItem(TOKEN_KEY) ?? "";
}

/** Keeps the token for the next load of this page in this tab. */
export function storeToken(token: string): void {
  if (token === "") sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
}

/** A client of the Worker that serves the page. */
export function connect(token: string): Client {
  const options = { baseUrl: location.origin, maxRetryWaitMs: MAX_RETRY_WAIT_MS };
  return createClient(token === "" ? options : { ...options, token });
}

export const SessionContext = createContext<Session | null>(null);

/** The session of the page. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("Cannot use the session: no page is around");
  return session;
}

/** Whether the page comes from this machine, as it does under `npm start`. */
export function isLocal(): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);
}
