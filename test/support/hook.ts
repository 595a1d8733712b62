// The receiver of the channel "hook", which verifies everything that arrives.
import type { Task } from "../../src/domain/records/tasks";
import { CHANNEL_SECRETS } from "./channel-settings";
import { delivered, file, receive, type Received } from "./tasks";
import { verifyWebhook } from "./verify-webhook";

/** The answer of a receiver that has accepted a message. */
export const ok = () => new Response(null, { status: 204 });

/** An answer with another status, and by default a short body. */
export const status = (
  code: number,
  headers: Record<string, string> = {},
  body: BodyInit | null = "no",
) => new Response(body, { status: code, headers });

/** A receiver that verifies everything and answers with these, then with success. */
export function receiver(...answers: (() => Response | Promise<Response>)[]): Received[] {
  return receive(({ body, headers }, index) => {
    verifyWebhook(CHANNEL_SECRETS.HOOK_SECRET, body, headers);
    return answers[index]?.() ?? ok();
  });
}

/** Files a task of which "hook" is told, and waits for the first attempt. */
export async function fileForHook(): Promise<Task> {
  const task = await file({ notify: ["hook"] });
  await delivered(task.id);
  return task;
}
