// What axe-core and the width of a window object to on a page.
import axe from "axe-core";
import type { Page } from "playwright-core";

declare global {
  interface Window {
    /** There once its source was run in the page. */
    readonly axe: typeof axe;
  }
}

/** A colour scheme and the width of a window in CSS pixels. */
export interface Look {
  readonly name: string;
  readonly colorScheme: "light" | "dark";
  readonly width: number;
  readonly forcedColors?: "active";
}

/** Loads axe-core into a page; not as a script element, which the page's policy would refuse. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}

/** Violations that axe-core reports, and elements that overflow the page sideways or are out of sight, in each look. */
export async function objections(page: Page, looks: readonly Look[]): Promise<string[]> {
  const all: string[] = [];
  for (const { name, colorScheme, width, forcedColors = "none" } of looks) {
    await page.emulateMedia({ colorScheme, forcedColors });
    await page.setViewportSize({ width, height: 800 });
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run({ resultTypes: ["violations"] });
      const rules = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
      const excess = document.documentElement.scrollWidth - window.innerWidth;
      const wide = excess > 0 ? [`${String(excess)} px too wide`] : [];
      const cut = Array.from(document.querySelectorAll("nav a, h1, h2, button"))
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth)
        .filter((element) => element.closest(".scroll") === null)
        .map((element) => `out of sight: ${element.textContent}`);
      return [...rules, ...wide, ...cut];
    });
    all.push(...found.map((objection) => `${name}: ${objection}`));
  }
  return all;
}
