// The form of parallel calls, as the request that it sends.
import { describe, it } from "vitest";
import { toRequest, type UrlDraft } from "../../src/console/call-draft";

const OPTIONS = { policy: "settled", timeoutMs: "", retries: "", select: "" } as const;

const row = (key: number, url: string, after: number | null = null): UrlDraft => ({
  key,
  url,
  after,
});

describe("the form's request", () => {
  it("is short where rows are nothing but URLs", ({ expect }) => {
    expect(
      toRequest([row(1, " https://a.example "), row(2, "https://b.example")], OPTIONS),
    ).toEqual({ urls: ["https://a.example", "https://b.example"] });
  });

  it("names the call that another waits for, and computes in its query", ({ expect }) => {
    const rows = [
      row(7, "https://a.example/login"),
      row(9, "https://b.example/x?page=1&token={{ call1.body.a && 'b' }}&q=2", 7),
    ];
    expect(toRequest(rows, OPTIONS)).toEqual({
      requests: [
        { id: "call1", url: "https://a.example/login" },
        {
          id: "call2",
          after: ["call1"],
          url: "https://b.example/x?page=1&q=2",
          query: { token: "{{ call1.body.a && 'b' }}" },
        },
      ],
    });
  });

  it("waits for no row that is gone", ({ expect }) => {
    expect(toRequest([row(1, "https://a.example", 5)], OPTIONS)).toEqual({
      urls: ["https://a.example"],
    });
  });

  it("gives every call the same options", ({ expect }) => {
    const options = {
      ...OPTIONS,
      policy: "any",
      timeoutMs: "50",
      retries: "0",
      select: "a",
    } as const;
    expect(toRequest([row(1, "https://a.example")], options)).toEqual({
      requests: [
        { id: "call1", url: "https://a.example", timeout_ms: 50, retries: 0, select: "a" },
      ],
      policy: "any",
    });
  });
});
