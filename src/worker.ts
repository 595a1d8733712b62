// What the platform runs: the Worker and its Durable Objects.
import { answer } from "./app";

export { IdempotencyKey } from "./durable-objects/idempotency-key";
export { Job } from "./durable-objects/job";
export { RecordWriter } from "./durable-objects/record-writer";

export default { fetch: answer } satisfies ExportedHandler<Env>;
