// The field for the bearer token.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isLocal, useSession } from "../session";

/** A field for the token, which is used once the field is left or Enter is pressed, and kept until the tab is closed. */
export function TokenField(): VNode {
  const { token, setToken } = useSession();
  const [draft, setDraft] = useState(token);
  return (
    <form class="token" onSubmit={(event) => event.preventDefault()}>
      <label for="token">Token</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={draft}
        aria-describedby="token-hint"
        onInput={({ currentTarget }) => setDraft(currentTarget.value.trim())}
        onChange={() => setToken(draft)}
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
