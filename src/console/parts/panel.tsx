// The frame of a panel: description, form, result, and the request as code.
import type { ComponentChildren, VNode } from "preact";
import type { Sent } from "../snippets";
import { SentCode } from "./sent-code";

/** A panel, with the form left and the result right if the window is wide enough. */
export function Panel({
  title,
  endpoint,
  about,
  form,
  result,
  sent,
}: {
  title: string;
  endpoint: string;
  about: string;
  form: ComponentChildren;
  result: ComponentChildren;
  sent: Sent | null;
}): VNode {
  return (
    <>
      <header class="intro">
        <div>
          <h2 tabIndex={-1}>{title}</h2>
          <code class="endpoint">{endpoint}</code>
        </div>
        <p>{about}</p>
      </header>
      <div class="columns">
        <div class="card">{form}</div>
        <div class="results">{result}</div>
      </div>
      <SentCode sent={sent} />
    </>
  );
}
