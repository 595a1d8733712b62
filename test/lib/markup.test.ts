import { it } from "vitest";
import { markup } from "../../src/lib/markup";

it("markup escapes each value, and takes HTML as it is", ({ expect }) => {
  const value = `<b onclick='x("&")'>`;
  const escaped = "&lt;b onclick=&#39;x(&quot;&amp;&quot;)&#39;&gt;";
  const item = (text: string) => markup`<li>${text}</li>`;

  expect(markup`<p title="${value}">${value}</p>${[item("<"), item("2")]}${3}`.text).toBe(
    `<p title="${escaped}">${escaped}</p><li>&lt;</li><li>2</li>3`,
  );
  expect(markup`${"a\0b"}${"\ud800"}`.text).toBe("a\ufffdb\ufffd");
});
