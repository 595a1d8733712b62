// Output of a command: results to standard output, everything else to standard error, so that results
// can be piped on. Colours and moving lines appear only on a terminal.
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Output channels of a command. */
export interface Terminal {
  /** True with `--json`: standard output is then one JSON document and nothing else. */
  readonly isJson: boolean;
  /** True if standard error is a terminal, so that a line can move. */
  readonly isWatched: boolean;
  /** Columns of the moving line. */
  readonly columns: number;
  /** Prints a line of the result; prints nothing with `--json`. */
  print(line: string): void;
  /** Prints the whole result; does so with `--json` only. */
  printJson(value: unknown): void;
  /** Prints a line to standard error. */
  note(line: string): void;
  /** Replaces the moving line, below everything else; empty text removes it. */
  status(text: string): void;
  readonly paint: (style: Style, text: string) => string;
}

/** Columns of a terminal that does not tell its width. */
const USUAL_COLUMNS = 80;
const CLEAR_LINE = "\r\u001B[K";

/** The terminal of this process. */
export function openTerminal(isJson: boolean): Terminal {
  const { stdout, stderr } = process;
  const isWatched = stderr.isTTY === true && !isJson;
  const isColoured = stdout.isTTY === true && stdout.hasColors();
  let shown = "";
  const status = (text: string) => {
    if (!isWatched || text === shown) return;
    stderr.write(CLEAR_LINE + text);
    shown = text;
  };
  const above = (write: () => void) => {
    const text = shown;
    status("");
    write();
    status(text);
  };
  return {
    isJson,
    isWatched,
    get columns() {
      return stderr.columns || USUAL_COLUMNS;
    },
    print: (line) => isJson || above(() => stdout.write(`${line}\n`)),
    printJson: (value) => isJson && stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    note: (line) => above(() => stderr.write(`${line}\n`)),
    status,
    paint: (style, text) => (isColoured ? styleText(style, text) : text),
  };
}
