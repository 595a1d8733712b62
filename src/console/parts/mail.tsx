// A mail as it is sent, or kept where none is sent.
import type { VNode } from "preact";

/** The parts of a mail that are shown. */
interface ShownMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** The mail that a notification carries; null if it is none. */
export function asMail(payload: unknown): ShownMail | null {
  // The reference describes what is told as any JSON value.
  const mail = payload as Partial<ShownMail> | null | undefined;
  const { to, subject, text } = mail ?? {};
  const isMail = Array.isArray(to) && subject !== undefined && text !== undefined;
  return isMail ? { to, subject, text } : null;
}

/** Shows a mail. Links of this Worker can be opened; others may be a stranger's words, and are text. */
export function Mail({ mail: { to, subject, text } }: { mail: ShownMail }): VNode {
  return (
    <div class="mail">
      <p class="hint" dir="auto">
        To {to.join(", ")}
      </p>
      <p dir="auto">
        <strong>{subject}</strong>
      </p>
      <p class="description" dir="auto">
        {text.split(/(https?:\/\/\S+)/).map((part, index) =>
          isOurs(part) ? (
            <a key={index} href={part} target="_blank" rel="noreferrer">
              {part}
            </a>
          ) : (
            part
          ),
        )}
      </p>
    </div>
  );
}

function isOurs(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === location.origin;
}
