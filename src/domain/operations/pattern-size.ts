// The size of regular expressions before they are compiled: `\pL{1000}` is nine characters and a thousand instructions,
// and to compile an instruction takes microseconds and hundreds of bytes.

/** A class, an escape, a group's beginning, a repetition, or any other character. */
const TOKEN =
  /\\Q([^]*?)(?:\\E|$)|\\[pPx]\{[^}]*\}|\\[^]|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|(\(\?[A-Za-z-]*\))|(\((?:\?(?:P?<\w+>|[A-Za-z-]*:))?)|\{(\d+)(,?)(\d*)\}|[^]/gu;

/** A group that is being read: the size of its branches, of the last one and its last part, and of what has one part. */
interface Group {
  branches: number;
  branch: number;
  last: number;
  /** Instructions of the group itself. */
  readonly own: number;
}

const openGroup = (own: number): Group => ({ branches: 0, branch: 0, last: 0, own });

/** Ends a branch. All those of one character or class are one class together. */
function endBranch(group: Group): void {
  if (group.branch + group.last > 1) group.branches += group.branch + group.last;
  [group.branch, group.last] = [0, 0];
}

function add(group: Group, size: number): void {
  group.branch += group.last;
  group.last = size;
}

/** The size of a part that is repeated from `least` to `most` times. */
function repeated(size: number, least: number, most: number): number {
  return most === Infinity ? Math.max(least, 1) * size + 1 : most * size + (most - least);
}

/** Reads a token that neither begins nor ends a group. */
function read(group: Group, [token, quoted, , , least, comma, most]: RegExpExecArray): void {
  if (quoted !== undefined) add(group, quoted.length);
  else if (least !== undefined) {
    const end = comma === "" ? Number(least) : Number(most || Infinity);
    group.last = repeated(group.last, Number(least), end);
  } else if (token === "|") endBranch(group);
  else if ("*+?".includes(token)) group.last += group.last > 0 ? 1 : 0;
  else add(group, 1);
}

/** The instructions that an expression compiles to, about. */
export function programEstimate(pattern: string): number {
  let group = openGroup(0);
  const outer: Group[] = [];
  for (const match of pattern.matchAll(TOKEN)) {
    const [token, , flags, opened] = match;
    if (flags !== undefined) continue;
    if (opened !== undefined) {
      outer.push(group);
      group = openGroup(opened === "(" || opened.endsWith(">") ? 2 : 0);
    } else if (token === ")") {
      endBranch(group);
      const size = Math.max(1, group.branches) + group.own;
      group = outer.pop() ?? openGroup(0);
      add(group, size);
    } else read(group, match);
  }
  endBranch(group);
  return group.branches;
}
