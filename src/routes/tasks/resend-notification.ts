// POST /tasks/<id>/notifications/<nid>/resend: deliver once more, whatever became of it.
import * as v from "valibot";
import { DomainError } from "../../domain/errors";
import { Notification, toNotification } from "../../domain/notifications/notifications";
import { NEVER_RUN } from "../../domain/jobs/job";
import { defineRoute } from "../../http/route";
import { eventJob } from "../../runtime/jobs";
import { IdParams } from "../record-replies";
import { deliveryOf, findTask } from "./task-replies";

export const resendNotificationRoute = defineRoute({
  operationId: "resendNotification",
  method: "POST",
  path: "/tasks/:id/notifications/:nid/resend",
  access: "token",
  params: v.object({ ...IdParams.entries, nid: IdParams.entries.id }),
  reply: { status: 202, schema: Notification },
  problems: [],
  handler: async ({ params: { id, nid } }, { env, ctx }) => {
    const notice = (await findTask(env, id)).notices.find((entry) => entry.id === nid);
    if (notice === undefined) throw unknown();
    const job = eventJob(env, notice.eventId);
    const index = (await job.entries()).findIndex((entry) => deliveryOf(entry).id === nid);
    if (!(await job.restart(index))) throw unknown();
    ctx.waitUntil(job.run().catch(() => undefined));
    return toNotification(notice, NEVER_RUN);
  },
});

function unknown(): DomainError {
  return new DomainError("not-found", "The task has no such notification; it may have expired.");
}
