// In a file of its own: what is loaded stays so.
import * as v from "valibot";
import { describe, it, vi } from "vitest";

/** A registry of which nothing has been asked yet. */
async function freshOperations() {
  vi.resetModules();
  return import("../../../src/domain/operations");
}

describe("loadOperations", () => {
  it("has nothing to wait for where texts are all that is named", async ({ expect }) => {
    const { loadOperations, Operation } = await freshOperations();
    for (const written of [
      "none",
      "trim",
      ["trim", { name: "uppercase" }],
      undefined,
      null,
      5,
      {},
      [[[]]],
    ])
      expect(loadOperations(written)).toBeUndefined();
    expect(v.parse(Operation, "trim").steps).toHaveLength(1);
  });

  it.for(["sum", { name: "select", expression: "a" }, ["trim", "sum"], [["trim"], ["sum"]]])(
    "loads the families for %j, once",
    async (written, { expect }) => {
      const { loadOperations, Operation } = await freshOperations();
      const loading = loadOperations(written);
      expect(loading).toBeInstanceOf(Promise);
      await loading;
      expect(loadOperations(written)).toBeUndefined();
      const [first] = [written].flat(2);
      expect(v.safeParse(Operation, first)).toHaveProperty("success", true);
    },
  );

  it("loads no other family", async ({ expect }) => {
    const { loadOperations, Operation } = await freshOperations();
    await loadOperations("base64_encode");
    expect(() => v.safeParse(Operation, "sum")).toThrow(TypeError);
  });

  it("may not be forgotten: a name that could be an operation is not refused", async ({
    expect,
  }) => {
    const { Operation } = await freshOperations();
    expect(() => v.safeParse(Operation, "sum")).toThrow(TypeError);
  });
});
