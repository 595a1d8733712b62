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

/** Violations that axe-core reports, and elements that overflow the page sideways, in each look. */
export async function objections(page: Page, looks: readonly Look[]): Promise<string[]> {
  const all: string[] = [];
  for (const { name, colorScheme, width, forcedColors = "none" } of looks) {
    await page.emulateMedia({ colorScheme, forcedColors });
    await page.setViewportSize({ width, height: 800 });
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run({ resultTypes: ["violations"] });
      const rules = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
      const excess = document.documentElement.scrollWidth - window.innerWidth;
      return excess > 0 ? [...rules, `${String(excess)} px too wide`] : rules;
    });
    all.push(...found.map((objection) => `${name}: ${objection}`));
  }
  return all;
}
