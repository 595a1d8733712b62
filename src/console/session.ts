// What all parts of the page know: the token, and how to send with it.
import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** The token is kept for as long as the browser's tab. */
export interface Session {
  /** Empty for none. */
  readonly token: string;
  readonly setToken: (token: string) => void;
}

const TOKEN_KEY = "serentak-token";

/** The token of an earlier load of this page in this tab. */
export function storedToken(): string {
  return sessionStorage.getItem(TOKEN_KEY) ?? "";
}

/** Keeps the token for the next load of this page in this tab. */
export function storeToken(token: string): void {
  if (token === "") sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
}

export const SessionContext = createContext<Session>({ token: "", setToken: () => undefined });

/** The session of the page. */
export function useSession(): Session {
  return useContext(SessionContext);
}

/** Whether the page comes from this machine, as it does under `npm start`. */
export function isLocal(): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);
}
