// Patterns of the paths that an upstream is open for.

/**
 * Compiles a path pattern such as `/repos/*`, where `*` matches any text with slashes. Runs in linear time,
 * since a caller chooses the path: it searches forwards for each literal part.
 */
export function parsePathPattern(pattern: string): (path: string) => boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  return (path) => {
    if (last === undefined) return path === first;
    if (!path.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = path.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return path.length - last.length >= at && path.endsWith(last);
  };
}

const ENCODED = /%(?:25)*(?:2f|5c|2e|c[01]|u)/i;
/** Dots before what ends a segment for some: a parameter, or a control character. */
const DOTS = /\/\.\.?(?:;|%(?:25)*(?:3b|[01][0-9a-f]))/i;

/**
 * True for paths with encoded slashes or dots (`%2f`, `%5c`, `%2e`, and `%c0%ae` or `%u002e`, which are no
 * UTF-8), which some servers decode: they could climb out of an opened path. Encoded per cent signs (`%25`) may
 * hide them from one server of two.
 */
export function isAmbiguous(pathname: string): boolean {
  return ENCODED.test(pathname) || DOTS.test(pathname) || pathname.includes("\\");
}
