// What was just sent, for a shell and for a page.
import type { VNode } from "preact";
import { useSession } from "../session";
import { type ApiCall, toClientCode, toCurl } from "../snippets";
import { CopyButton } from "./copy-button";

/** A call that was sent, and the client's lines that send the same. */
export interface Sent {
  readonly call: ApiCall;
  readonly code: string;
}

/** Both spellings, each with a button to copy it. Nothing as long as nothing was sent. */
export function SentCode({ sent }: { sent: Sent | null }): VNode | null {
  const { token } = useSession();
  if (sent === null) return null;
  const hasToken = token !== "";
  const { origin } = location;
  return (
    <section class="sent" aria-label="The same as code">
      <Snippet name="curl" text={toCurl(sent.call, origin, hasToken)} />
      <Snippet name="JavaScript" text={toClientCode(sent.code, origin, hasToken)} />
    </section>
  );
}

function Snippet({ name, text }: { name: string; text: string }): VNode {
  return (
    <figure class="snippet">
      <figcaption>
        {name}
        <CopyButton text={text} what={`the ${name} code`} />
      </figcaption>
      {/* Scrolls sideways, so it must be reachable by keyboard. */}
      <pre tabIndex={0} aria-label={`${name} code`} role="region">
        <code>{text}</code>
      </pre>
    </figure>
  );
}
