import * as fc from "fast-check";
import { describe, it } from "vitest";
import { stripHtml } from "../../../src/domain/operations/markup";
import { oneOutput } from "./run-operation";

describe("HTML text", () => {
  it("escaped and unescaped is the same text", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        expect(await oneOutput(["html_escape", "html_unescape"], text)).toBe(text);
      }),
    );
  });

  it("escaped holds nothing that starts markup", async ({ expect }) => {
    expect(await oneOutput("html_escape", `<a href="x" title='y'>&`)).toBe(
      "&lt;a href=&quot;x&quot; title=&apos;y&apos;&gt;&amp;",
    );
    expect(await oneOutput("html_escape", "a\u00a0b")).toBe("a&nbsp;b");
  });

  it("is unescaped once, by the names of HTML5", async ({ expect }) => {
    expect(
      await oneOutput("html_unescape", "&amp;lt; &copy &hellip; &#8364; &#x20AC; &nope; &#0;"),
    ).toBe("&lt; © … € € &nope; \ufffd");
  });
});

describe("strip_html", () => {
  it.for([
    ["<b>bold</b> text", "bold text"],
    ["a < b and b > a", "a < b and b > a"],
    ["one<br>two<p>three</p>", "one two three"],
    ["<!-- <b>no</b> -->yes", "yes"],
    ["<!doctype html><?xml?>x", "x"],
    ["<script>if (a < b) { '</b>' }</script>after", "after"],
    ["<STYLE>b{}</STYLE >x", "x"],
    ["<a title=\"x > y\" href='<'>link</a>", "link"],
    ["unclosed <b attr", "unclosed"],
    ["unclosed <!-- comment", "unclosed"],
    ["<summary>A</summary>B", "A B"],
    ["<title>A</title>B<legend>C</legend>D<figcaption>E</figcaption>F", "A B C D E F"],
    ["<td>a</td><caption>b</caption>c", "a b c"],
    ["<iframe><b>x</b></iframe>y", "y"],
    ["<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"],
    ["x <3 y", "x <3 y"],
    ["<p title=it's>Hello</p> world", "Hello  world"],
    ['<a href=x">t</a> u', "t u"],
    ['<a href="a"b">c</a>', "c"],
    ["<a href = 'a>b' c>d</a>", "d"],
    ["<a =>b<br/>c", "b c"],
    ["</p'>q", "q"],
    ["<!-->hello", "hello"],
    ["<!--->hello", "hello"],
    ["<!-- a --!>b", "b"],
    ["<!-- a -- > b --->c", "c"],
    ["İ<SCRIPT>a</SCRIPT>text", "İ text"],
    ["<script>a</scriptx>b</script>c", "c"],
    ["<style>a</style", ""],
    ["x </> y", "x  y"],
    ["x </ foo> y", "x  y"],
    ["x </", "x </"],
    ["a<template>b<template>c</template>d</template>e", "a e"],
    ["<template><script></template></script>a</template>b", "b"],
    ["</template>a", "a"],
    ["<</>script>", "< script>"],
  ] as const)("%s", ([html, text], { expect }) => {
    expect(stripHtml(html)).toBe(text);
  });

  it("leaves no tag in any text, and stripping again changes no tag-free text", ({ expect }) => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "/",
      "b",
      "script",
      "!--",
      "-->",
      '"',
      "'",
      " ",
      "x=",
      "style",
      "</script>",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(stripHtml(`<b>${pieces.join("")}`)).not.toMatch(/<script[^<>]*>/i);
      }),
    );
  });
});
