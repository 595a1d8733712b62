// State that all parts of the page share: the token, and a client that sends it.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Client, createClient, type OperationInfo } from "../client";
import type { Latest } from "./use-latest";

/** The session of a page. The token is kept in the tab's session storage. */
export interface Session {
  /** The bearer token; empty for none. */
  readonly token: string;
  /** The Worker's word on the token: its value is true once it was accepted. */
  readonly check: Latest<true>;
  readonly checkAgain: () => void;
  readonly setToken: (token: string) => void;
  readonly client: Client;
  /** The catalogue of operations. */
  readonly operations: Latest<OperationInfo[]>;
}

const TOKEN_KEY = "serentak-token";
/** Milliseconds that the client may wait for retries: a user of the page prefers to see a refusal soon. */
const MAX_RETRY_WAIT_MS = 3000;

/** The token stored by an earlier load of the page in this tab. */
export function storedToken(): string {
  return sessionStorage.getItem(TOKEN_KEY) ?? "";
}

/** Stores the token for later loads of the page in this tab. */
export function storeToken(token: string): void {
  if (token === "") sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
}

/** Creates a client of the Worker that serves the page. */
export function connect(token: string): Client {
  const options = { baseUrl: location.origin, maxRetryWaitMs: MAX_RETRY_WAIT_MS };
  return createClient(token === "" ? options : { ...options, token });
}

/** Context that passes the session to all components. */
export const SessionContext = createContext<Session | null>(null);

/** The session of the page. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("Cannot use the session: no page is around");
  return session;
}

/** True if the page is served from this machine, as under `npm start`. */
export function isLocal(): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);
}
