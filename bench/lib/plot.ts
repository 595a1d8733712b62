// A plot as plain SVG: both axes logarithmic, so that what grows in proportion is a line at 45 degrees.

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 70, right: 90, top: 40, bottom: 50 };

interface Point {
  readonly items: number;
  readonly ms: number;
}

/** Milliseconds by items, with the line that the longest batch and exact proportion would give. */
export function plotGrowth(points: readonly Point[]): string {
  const x = scale(decades(points.map(({ items }) => items)), MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(decades(points.map(({ ms }) => ms)), HEIGHT - MARGIN.bottom, MARGIN.top);
  const last = points.at(-1) ?? { items: 1, ms: 1 };
  const proportional = points
    .map(({ items }) => ({ items, ms: (last.ms * items) / last.items }))
    .filter(({ ms }) => y.decades.some((decade) => ms >= 10 ** decade));
  const at = ({ items, ms }: Point) => `${x.at(items).toFixed(1)},${y.at(ms).toFixed(1)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<title>Time to the last result of a batch, by its number of items</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN.left}" y="22" font-size="14">Time to the last result of a batch (dashed: exact proportion)</text>
${x.decades.map((decade) => verticalRule(decade, x.at(10 ** decade))).join("\n")}
${y.decades.map((decade) => horizontalRule(decade, y.at(10 ** decade))).join("\n")}
<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">items</text>
<polyline points="${proportional.map(at).join(" ")}" fill="none" stroke="#999" stroke-dasharray="5 4"/>
<polyline points="${points.map(at).join(" ")}" fill="none" stroke="#0b62d6" stroke-width="2"/>
${points.map((point) => mark(point, x.at(point.items), y.at(point.ms))).join("\n")}
</svg>
`;
}

/** The powers of ten that enclose these values. */
function decades(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

function scale(range: readonly number[], from: number, to: number) {
  const first = range[0] ?? 0;
  const span = (range.at(-1) ?? 1) - first;
  return {
    decades: range,
    at: (value: number) => from + ((Math.log10(value) - first) / span) * (to - from),
  };
}

function power(decade: number): string {
  return (10 ** decade).toLocaleString("en");
}

function verticalRule(decade: number, x: number): string {
  const bottom = HEIGHT - MARGIN.bottom;
  return `<line x1="${x}" x2="${x}" y1="${MARGIN.top}" y2="${bottom}" stroke="#ddd"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${power(decade)}</text>`;
}

function horizontalRule(decade: number, y: number): string {
  return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${MARGIN.left - 8}" y="${y + 4}" text-anchor="end">${power(decade)} ms</text>`;
}

/** A label's width at most, to the left of its mark. */
const LABEL_WIDTH = 60;

/** Labels stand above on the left, where neither line comes by, unless the axis is there. */
function mark({ ms }: Point, x: number, y: number): string {
  const hasRoom = x - LABEL_WIDTH > MARGIN.left;
  const place = hasRoom ? `x="${x - 8}" text-anchor="end"` : `x="${x + 8}"`;
  return `<circle cx="${x}" cy="${y}" r="4" fill="#0b62d6"/><text ${place} y="${y - 9}">${ms.toFixed(0)} ms</text>`;
}
