// The entry point that the platform loads: the Worker's handler and the Durable Objects.
import { answer } from "./app";

export { Channel } from "./durable-objects/channel";
export { Job } from "./durable-objects/job";
export { Calls } from "./runtime/call-invocation";
export { Table } from "./durable-objects/table";
export { IdempotencyKey, RecordWriter } from "./durable-objects/version-0-1";

export default { fetch: answer } satisfies ExportedHandler<Env>;
