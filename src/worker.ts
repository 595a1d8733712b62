// What the platform runs: the Worker.
import { answer } from "./app";

export default { fetch: answer } satisfies ExportedHandler<Env>;
