// Shows its content to holders of a token alone.
import type { ComponentChildren, VNode } from "preact";
import { useSession } from "../session";
import { ProblemNote } from "./problem-note";

/** Renders its children once the token is accepted; before that, why it does not, once for all of them. */
export function TokenGate({ children }: { children: ComponentChildren }): VNode {
  const { token, check, checkAgain } = useSession();
  if (token === "") return <p class="empty">Give a token above to see them.</p>;
  if (check.problem?.status === 401)
    return <p class="empty">The token above is not accepted: see API_TOKENS.</p>;
  if (check.problem !== null)
    return (
      <div class="results">
        <ProblemNote problem={check.problem} />
        <button type="button" class="quiet small" disabled={check.isBusy} onClick={checkAgain}>
          Try again
        </button>
      </div>
    );
  return check.isBusy || check.value === null ? (
    <p class="empty">Checking the token…</p>
  ) : (
    <>{children}</>
  );
}
