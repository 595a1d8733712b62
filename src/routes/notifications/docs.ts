// Documentation of notifications. Each example is run as a test.
import type { Docs } from "../../http/route-docs";

/** The id of the task in the examples, whose creation is an event of the same id. */
const EVENT_ID = "01935a20-1b2c-7d3e-8f40-5a6b7c8d9e0f";
const params = { id: `${EVENT_ID}.slack` };

/** Documentation of the routes of notifications. */
export const notificationDocs: Docs = {
  listNotifications: {
    summary: "List notifications, or export them all",
    description:
      "What became of everything that was told in the last 30 days, across all channels, the newest first. `Accept: application/x-ndjson` or `text/csv` streams all that the filters leave.",
    examples: [
      {
        name: "delivered",
        summary: "What has arrived",
        query: { status: "delivered", limit: "10" },
      },
    ],
  },
  getNotification: {
    summary: "Read a notification",
    description: "With each attempt, and with what is sent.",
    examples: [{ name: "delivered", summary: "One that has arrived", params }],
  },
  resendNotification: {
    summary: "Deliver a notification once more",
    description:
      "Whatever became of it: the same `webhook-id`, a fresh schedule and a fresh signature. The attempts so far stay in its log. 409 where its channel or what it told is gone.",
    examples: [{ name: "resend", summary: "Once more", params }],
  },
  cancelNotification: {
    summary: "Cancel a notification that is pending",
    examples: [
      {
        name: "too-late",
        summary: "What has arrived cannot be cancelled",
        params,
        status: 409,
      },
    ],
  },
};
