// The routes of channels.
import { listChannelsRoute } from "./list-channels";
import { replayChannelRoute } from "./replay-channel";
import { steerChannelRoutes } from "./steer-channel";
import { testChannelRoute } from "./test-channel";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  listChannelsRoute,
  testChannelRoute,
  replayChannelRoute,
  ...steerChannelRoutes,
] as const;
