// The client's methods for channels and for what was delivered to them.
import type { CallOptions, Channels, Notifications } from "./api";
import { allItems, MAX_PAGE } from "./records";
import type { Transport } from "./transport";
import type { Channel, ReplayedChannel, NotificationPage, NotificationQuery } from "./wire";

/** The client's methods for channels. */
export function channelsOf(transport: Transport): Channels {
  const act =
    <Reply>(action: string, has: string) =>
    (name: string, options?: CallOptions, json?: object) => {
      const path = `/channels/${encodeURIComponent(name)}/${action}`;
      return transport.call<Reply>({ method: "POST", path, json, has: [has] }, options);
    };
  const replay = act<ReplayedChannel>("replay", "resent");
  return {
    list: async (options) => {
      const list = { path: "/channels", has: ["channels"] };
      return (await transport.call<{ channels: Channel[] }>(list, options)).channels;
    },
    test: act("test", "id"),
    replay: (name, query, options) => replay(name, options, query),
    pause: act("pause", "state"),
    enable: act("enable", "state"),
  };
}

function pathOf(id: string): string {
  return `/notifications/${encodeURIComponent(id)}`;
}

/** The client's methods for notifications. */
export function notificationsOf(transport: Transport): Notifications {
  const page = (query?: NotificationQuery, options?: CallOptions) =>
    transport.call<NotificationPage>(
      { path: "/notifications", query: { ...query }, has: ["notifications"] },
      options,
    );
  return {
    page,
    list: (filter, options) =>
      allItems(
        (cursor) => page({ ...filter, limit: MAX_PAGE, ...cursor }, options),
        ({ notifications }) => notifications,
      ),
    get: (id, options) => transport.call({ path: pathOf(id), has: ["attempt_log"] }, options),
    resend: (id, options) =>
      transport.call({ method: "POST", path: `${pathOf(id)}/resend`, has: ["id"] }, options),
    cancel: (id, options) => transport.call({ method: "DELETE", path: pathOf(id) }, options),
  };
}
