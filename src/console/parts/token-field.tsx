// Where the token is given.
import type { VNode } from "preact";
import { isLocal, useSession } from "../session";

/** Kept until the tab is closed; sent with every call. */
export function TokenField(): VNode {
  const { token, setToken } = useSession();
  return (
    <form class="token" onSubmit={(event) => event.preventDefault()}>
      <label for="token">Token</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={token}
        aria-describedby="token-hint"
        onChange={(event) => setToken(event.currentTarget.value.trim())}
      />
      <p id="token-hint" class="hint">
        {isLocal() ? (
          <>
            Under <code>npm start</code> it is <code>dev</code>.
          </>
        ) : (
          "Kept until this tab is closed."
        )}
      </p>
    </form>
  );
}
