// Where a command writes: results to standard output, all else to standard error, so that results can
// be piped on. Colours and moving lines are only for people.
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** How a command speaks. */
export interface Terminal {
  /** Whether scripts are to read the output: then it is one JSON document and nothing else. */
  readonly isJson: boolean;
  /** Whether somebody watches the moving line. */
  readonly isWatched: boolean;
  /** Columns of the moving line. */
  readonly columns: number;
  /** A line of the result; not in JSON. */
  print(line: string): void;
  /** The result, in JSON only. */
  printJson(value: unknown): void;
  /** A line beside the result. */
  note(line: string): void;
  /** Replaces the moving line, below everything else; empty text removes it. */
  status(text: string): void;
  readonly paint: (style: Style, text: string) => string;
}

/** Where the terminal does not tell. */
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
