// Evaluates the classes of objects before any test. An object that is the first of its kind loads its class while it may
// take no call, for thirty seconds at most; here each module comes from a process that serves all tests at once.
import "../../src/durable-objects/table";
import "../../src/durable-objects/job";
import "../../src/durable-objects/channel";
