// Evaluates before any test what objects and further invocations run, and lets a module that is evaluated be imported
// without asking.
//
// An object that is the first of its kind loads its class while it may take no call, for thirty seconds at most; here each
// module comes from a process that serves all tests at once. Vite asks that process at each `import()` whether a module
// is still the same, and lets whoever imports it meanwhile wait for the same promise. It belongs to the invocation that
// asked first: the runtime takes the others, which wait for nothing of their own, to have hung.
import "../../src/durable-objects/table";
import "../../src/durable-objects/job";
import "../../src/durable-objects/channel";
import "../../src/runtime/call-invocation";

/** What loads modules in the runtime, as far as it is used here. */
interface ModuleRunner {
  readonly evaluatedModules: {
    getModuleByUrl(url: string): { readonly evaluated: boolean } | undefined;
  };
  cachedModule(url: string, importer?: string): Promise<unknown>;
}

// oxlint-disable no-underscore-dangle -- named by the test runner
declare const __vitest_mocker__: { readonly moduleRunner: ModuleRunner };

const { moduleRunner } = __vitest_mocker__;
// oxlint-enable no-underscore-dangle
const ask = moduleRunner.cachedModule.bind(moduleRunner);
// Files share it.
if (!Object.hasOwn(moduleRunner, "cachedModule")) {
  moduleRunner.cachedModule = async (url, importer) => {
    const known = moduleRunner.evaluatedModules.getModuleByUrl(url);
    return known?.evaluated === true ? known : ask(url, importer);
  };
}
