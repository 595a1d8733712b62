// The routes of notifications.
import { cancelNotificationRoute } from "./cancel-notification";
import { getNotificationRoute } from "./get-notification";
import { listNotificationsRoute } from "./list-notifications";
import { resendNotificationRoute } from "./resend-notification";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  listNotificationsRoute,
  getNotificationRoute,
  resendNotificationRoute,
  cancelNotificationRoute,
] as const;
