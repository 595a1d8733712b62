// The field for the bearer token.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isLocal, useSession } from "../session";

/** A field for the token, which is used once the field is left or Enter is pressed, and kept until the tab is closed. */
export function TokenField(): VNode {
  const { token, setToken } = useSession();
  const [draft, setDraft] = useState(token);
  const [isShown, setShown] = useState(false);
  const forget = (): void => {
    setDraft("");
    setToken("");
    setShown(false);
  };
  return (
    <form class="token" onSubmit={(event) => event.preventDefault()}>
      <label for="token">Token</label>
      <input
        id="token"
        {...(isShown ? { type: "text" } : { type: "password" })}
        class="code"
        autocomplete="off"
        spellcheck={false}
        value={draft}
        aria-describedby="token-hint"
        onInput={({ currentTarget }) => setDraft(currentTarget.value.trim())}
        onChange={() => setToken(draft)}
      />
      <div class="actions">
        <button
          type="button"
          class="quiet small"
          aria-pressed={isShown}
          onClick={() => setShown(!isShown)}
        >
          Show<span class="unseen"> the token</span>
        </button>
        <button type="button" class="quiet small" disabled={draft === ""} onClick={forget}>
          Forget<span class="unseen"> the token</span>
        </button>
      </div>
      <p id="token-hint" class="hint" role="status">
        <Hint />
      </p>
    </form>
  );
}

/** The Worker's word on the token, or what may be given. */
function Hint(): VNode {
  const { token, check } = useSession();
  if (token === "")
    return isLocal() ? (
      <>
        Under <code>npm start</code> it is <code>dev</code>.
      </>
    ) : (
      <>One of API_TOKENS, for lists and changes.</>
    );
  if (check.problem?.status === 401) return <strong class="fault">Not accepted.</strong>;
  if (check.problem !== null) return <strong class="fault">It could not be checked.</strong>;
  return <>{check.isBusy ? "Checking…" : "Accepted. Kept until this tab is closed."}</>;
}
