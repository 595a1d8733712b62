import { describe, it } from "vitest";
import { isLoopback } from "../../src/lib/is-loopback";

describe("isLoopback", () => {
  it.for(["localhost", "app.localhost", "127.0.0.1", "127.1.2.3", "[::1]"])(
    "%s is this machine",
    (hostname, { expect }) => {
      expect(isLoopback(hostname)).toBe(true);
    },
  );

  it.for([
    "example.com",
    "localhost.example.com",
    "notlocalhost",
    "127.0.0.1.example.com",
    "128.0.0.1",
    "[::2]",
    "0.0.0.0",
  ])("%s is not", (hostname, { expect }) => {
    expect(isLoopback(hostname)).toBe(false);
  });
});
