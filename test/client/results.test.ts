// Reading all results of a batch as one stream, over connections that break.
import { describe, it } from "vitest";
import { collect, fakeClient, refusal, streamOf } from "../support/client";

const line = (index: number) => `${JSON.stringify({ index, status: "succeeded" })}\n`;

/** A client whose n-th connection brings the n-th pieces. */
function reading(...connections: readonly (readonly (string | Error)[])[]) {
  return fakeClient((_, count) => {
    const body = streamOf(connections[count - 1] ?? [new TypeError("reset")]);
    return new Response(body, { headers: { "Content-Type": "application/x-ndjson" } });
  });
}

describe("the results of a batch", () => {
  it("are one request with the filters", async ({ expect }) => {
    const { client, calls } = reading([line(0), line(1)]);
    const results = await collect(client.batchById("b1").results({ only: "failed" }));
    expect(results.map(({ index }) => index)).toEqual([0, 1]);
    expect(calls.map(({ url }) => url)).toEqual([
      "https://api.example/batch-process/b1/results?only=failed",
    ]);
    expect(calls[0]?.headers.get("Accept")).toBe("application/x-ndjson");
  });

  it("come once each, whatever breaks", async ({ expect }) => {
    const { client, calls } = reading(
      [line(0), line(1), new TypeError("reset")],
      [line(0), '{"index":1,"sta', new TypeError("reset")],
      [line(0), line(1), line(4)],
    );
    const results = await collect(client.batchById("b1").results());
    expect(results.map(({ index }) => index)).toEqual([0, 1, 4]);
    expect(calls).toHaveLength(3);
  });

  it("are given up when connections bring nothing again and again", async ({ expect }) => {
    const { client, calls } = reading([line(0), new TypeError("reset")]);
    await expect(collect(client.batchById("b1").results())).rejects.toThrow("reset");
    expect(calls).toHaveLength(6);
  });

  it("are not asked for again when they are refused", async ({ expect }) => {
    const { client, calls } = fakeClient(() => refusal(404, "not-found"));
    await expect(collect(client.batchById("b1").results())).rejects.toMatchObject({ status: 404 });
    expect(calls).toHaveLength(1);
  });
});
