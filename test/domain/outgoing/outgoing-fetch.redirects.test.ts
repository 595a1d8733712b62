import { describe, it } from "vitest";
import type { Grant } from "../../../src/domain/outgoing/outgoing-fetch";
import { sendRequest, type Outgoing } from "../../../src/domain/outgoing/outgoing-fetch";
import {
  fakeOutgoing,
  outgoingRequest,
  redirect,
  textOf,
  wholeDeadline,
  type FakeOutgoing,
  type Sent,
} from "../../support/fake-outgoing";

/** An upstream that redirects along `locations`, then answers "there". */
function chain(status: number, locations: readonly string[], parts: Partial<Outgoing> = {}) {
  return fakeOutgoing((_, index) => {
    const location = locations[index];
    return location === undefined ? new Response("there") : redirect(status, location);
  }, parts);
}

function send(outgoing: FakeOutgoing, request: Parameters<typeof outgoingRequest>[0] = {}) {
  const deadline = wholeDeadline(outgoing.clock);
  return sendRequest(outgoingRequest(request), outgoing, deadline).finally(deadline.clear);
}

function steps(sent: readonly Sent[]): string[] {
  return sent.map(({ method, url }) => `${method} ${url}`);
}

describe("redirects", () => {
  it("are followed to the last, against the URL they came from", async ({ expect }) => {
    const outgoing = chain(302, ["/a/b", "c?d#e", "//other.example/f", "http://plain.example"]);
    const { result } = await send(outgoing);
    expect(steps(outgoing.sent)).toEqual([
      "GET https://up.example/",
      "GET https://up.example/a/b",
      "GET https://up.example/a/c?d#e",
      "GET https://other.example/f",
      "GET http://plain.example/",
    ]);
    expect(result).toMatchObject({ status: 200, url: "http://plain.example/", redirects: 4 });
  });

  it("are followed to addresses in UTF-8, which headers hold byte by byte", async ({ expect }) => {
    const bytewise = String.fromCharCode(...new TextEncoder().encode("/ok?é=日"));
    const outgoing = chain(302, [bytewise, "/latin?\u00e9"]);
    await send(outgoing);
    expect(steps(outgoing.sent).slice(1)).toEqual([
      "GET https://up.example/ok?%C3%A9=%E6%97%A5",
      "GET https://up.example/latin?%C3%A9",
    ]);
  });

  it.for([
    ["https://private.example/", /redirect leads to what is not in ALLOWED_HOSTS/],
    ["ftp://up.example/", /redirect leads to what is no http/],
    ["https://me:pw@up.example/", /redirect leads to what holds a user name/],
  ] as const)("to %s are refused, saying why", async ([location, detail], { expect }) => {
    const allows = ({ protocol, hostname, username }: URL) =>
      protocol === "https:" && hostname === "up.example" && username === "";
    const { result } = await send(chain(302, [location], { allows }));
    expect(result).toMatchObject({
      code: "host-not-allowed",
      message: expect.stringMatching(detail),
    });
  });

  it("are followed five times, not six", async ({ expect }) => {
    const locations = ["/1", "/2", "/3", "/4", "/5"];
    expect((await send(chain(307, locations))).result).toMatchObject({ redirects: 5 });
    const sixth = chain(307, [...locations, "/6"]);
    expect((await send(sixth, { retries: 2 })).result).toMatchObject({
      code: "too-many-redirects",
    });
    expect(sixth.sent).toHaveLength(6);
  });

  it("are returned as they are where none may be followed", async ({ expect }) => {
    const { result } = await send(chain(302, ["/next"]), { maxRedirects: 0 });
    expect(result).toMatchObject({ status: 302, redirects: 0 });
    expect(textOf(result)).toBe("moved");
  });

  it.for([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [302, "HEAD", "HEAD"],
    [302, "PUT", "PUT"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
  ] as const)("%i turns %s into %s", async ([status, method, next], { expect }) => {
    const outgoing = chain(status, ["/next"]);
    const headers = { "content-type": "text/plain", "content-language": "en", accept: "*/*" };
    await send(outgoing, { method, headers, body: method === "HEAD" ? null : "data" });
    const [, second] = outgoing.sent;
    expect(second?.method).toBe(next);
    const isKept = method === next;
    expect(second?.headers).toEqual(isKept ? headers : { accept: "*/*" });
    expect(second?.body).toBe(isKept && method !== "HEAD" ? "data" : null);
  });

  it.for([
    [200, "/next"],
    [300, "/next"],
    [304, "/next"],
    [302, "http://["],
  ] as const)("%i with Location %s is none", async ([status, location], { expect }) => {
    const outgoing = fakeOutgoing(
      () => new Response(null, { status, headers: { Location: location } }),
    );
    expect((await send(outgoing)).result).toMatchObject({ status, redirects: 0 });
    expect(outgoing.sent).toHaveLength(1);
  });

  it("let go of the body on the way, whatever its length", async ({ expect }) => {
    let isCancelled = false;
    const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
    const outgoing = fakeOutgoing((_, index) =>
      index === 0
        ? new Response(body, { status: 302, headers: { Location: "/", "Content-Length": "9e9" } })
        : new Response("there"),
    );
    expect((await send(outgoing)).result).toMatchObject({ status: 200 });
    expect(isCancelled).toBe(true);
  });
});

/** A host policy that stands for the real one. */
function allows({ hostname, protocol, username }: URL): boolean {
  return hostname.endsWith(".example") && /^https?:$/.test(protocol) && username === "";
}

/** Headers for https://up.example/open… */
function grant(url: URL): Grant | null {
  const isOpen = url.href.startsWith("https://up.example/open");
  return isOpen ? { headers: { "x-key": "secret", authorization: "ours" }, url } : null;
}

describe("a redirect's target", () => {
  it.for([
    "http://127.0.0.1/",
    "http://2130706433/",
    "//localhost/",
    "https://user@up.example/",
    "ftp://up.example/",
    "javascript:alert(1)",
    "data:text/plain,hi",
    "file:///etc/passwd",
  ])("%s is judged like the first URL", async (location, { expect }) => {
    const outgoing = chain(302, ["https://ok.example/", location], { allows });
    expect((await send(outgoing, { retries: 2 })).result).toMatchObject({
      code: "host-not-allowed",
    });
    expect(outgoing.sent).toHaveLength(2);
  });
});

describe("headers on redirects", () => {
  const headers = { authorization: "mine", cookie: "a=b", accept: "*/*" };

  it("stay within an origin", async ({ expect }) => {
    const outgoing = chain(302, ["/next", "https://up.example:443/more"]);
    await send(outgoing, { headers });
    expect(outgoing.sent.map((sent) => sent.headers)).toEqual([headers, headers, headers]);
  });

  it.for(["https://other.example/", "http://up.example/", "https://up.example:8443/"])(
    "lose what is bound to the origin at %s, for good",
    async (location, { expect }) => {
      const outgoing = chain(302, [location, "https://up.example/back"]);
      await send(outgoing, { headers });
      const [first, second, third] = outgoing.sent.map((sent) => sent.headers);
      expect(first).toEqual(headers);
      expect(second).toEqual({ accept: "*/*" });
      expect(third).toEqual({ accept: "*/*" });
    },
  );

  it("are granted on the URLs that the operator opened, and on no other", async ({ expect }) => {
    const outgoing = chain(302, ["/closed", "https://other.example/open", "/open/again"]);
    await send(outgoing, { url: new URL("https://up.example/open"), headers, grant });
    expect(outgoing.sent.map((sent) => sent.headers["x-key"])).toEqual([
      "secret",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("that are granted win over the caller's, and open the host", async ({ expect }) => {
    const outgoing = chain(302, ["/closed"], { allows: () => false });
    const url = new URL("https://up.example/open");
    const { result } = await send(outgoing, { url, headers, grant });
    expect(outgoing.sent.map((sent) => sent.headers["authorization"])).toEqual(["ours"]);
    expect(result).toMatchObject({ code: "host-not-allowed" });
  });
});

/** A body that would be 100 chunks of 100 bytes, and how much of it was asked for. */
function large() {
  const seen = { chunks: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.chunks += 1;
        controller.enqueue(new Uint8Array(100));
        if (seen.chunks === 100) controller.close();
      },
      cancel: () => void (seen.isCancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { seen, body };
}

describe("the size of a body", () => {
  it("is judged by Content-Length before anything is read", async ({ expect }) => {
    const { seen, body } = large();
    const headers = { "Content-Length": "1025" };
    const outgoing = fakeOutgoing(() => new Response(body, { headers }));
    expect((await send(outgoing)).result).toMatchObject({ code: "response-too-large" });
    expect(seen).toEqual({ chunks: 0, isCancelled: true });
  });

  it.for([{}, { "Content-Length": "many" }])(
    "is judged while it is read, whatever %j says",
    async (headers, { expect }) => {
      const { seen, body } = large();
      const outgoing = fakeOutgoing(() => new Response(body, { headers }));
      expect((await send(outgoing)).result).toMatchObject({ code: "response-too-large" });
      expect(seen).toEqual({ chunks: 11, isCancelled: true });
    },
  );

  it("may be the limit exactly", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response("x".repeat(1024)));
    expect((await send(outgoing)).result).toMatchObject({ status: 200 });
  });

  it("is no matter for HEAD, whose Content-Length has no body", async ({ expect }) => {
    const headers = { "Content-Length": "5000000" };
    const outgoing = fakeOutgoing(() => new Response(null, { headers }));
    expect((await send(outgoing, { method: "HEAD" })).result).toMatchObject({ status: 200 });
    const lying = fakeOutgoing(() => new Response("", { headers }));
    expect((await send(lying, { method: "HEAD" })).result).toMatchObject({ status: 200 });
  });
});
