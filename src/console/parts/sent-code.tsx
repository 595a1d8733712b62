// The last request as code, for a shell and for a page.
import type { ComponentChildren, VNode } from "preact";
import { save } from "../save";
import { useSession } from "../session";
import { longBody, type Sent, toClientCode, toCurl } from "../snippets";
import { Code } from "./code";
import { CopyButton } from "./copy-button";

/** Both forms of the request, each with a button to copy it; nothing before the first request. */
export function SentCode({ sent }: { sent: Sent | null }): VNode | null {
  const { token } = useSession();
  if (sent === null) return null;
  const hasToken = token !== "";
  const { origin } = location;
  const file = longBody(sent.call);
  return (
    <section class="sent" aria-label="The same as code">
      <Snippet name="curl" text={toCurl(sent.call, origin, hasToken)}>
        {file !== null && (
          <button
            type="button"
            class="quiet small"
            onClick={() => save(new Blob([file.text]), file.name)}
          >
            Save {file.name}
          </button>
        )}
      </Snippet>
      <Snippet name="JavaScript" text={toClientCode(sent.code, origin, hasToken)} />
    </section>
  );
}

function Snippet({
  name,
  text,
  children,
}: {
  name: string;
  text: string;
  children?: ComponentChildren;
}): VNode {
  return (
    <figure class="snippet">
      <figcaption>
        {name}
        <span class="actions">
          {children}
          <CopyButton text={text} what={`the ${name} code`} />
        </span>
      </figcaption>
      {/* Scrolls sideways, so it must be reachable by keyboard. */}
      <pre tabIndex={0} aria-label={`${name} code`} role="region">
        <Code text={text} />
      </pre>
    </figure>
  );
}
