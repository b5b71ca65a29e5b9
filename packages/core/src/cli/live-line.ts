import colors from 'picocolors';
import { wantsColor } from './color.js';

/** What is being done. */
export interface Status {
  /** Elsewhere than on a terminal, a line is printed when this changes, and then once a minute. */
  readonly task: string;
  /** Describes the progress of the task in at most so many columns. */
  readonly line: (columns: number) => string;
}

export interface LiveLine {
  update(status: Status): void;
  /** Prints lines that stay, above the live one. */
  note(text: string): void;
  /** The width for lines that stay; of a pipe, infinite. */
  columns(): number;
  /** Removes the live line. */
  end(): void;
}

export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface LiveLineOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly environment?: { readonly [name: string]: string | undefined };
}

export const ERASE_LINE = '\r\x1b[2K';
/** Milliseconds between two drawings on a terminal, and between two lines elsewhere. */
const REDRAW = 100;
const REPEAT = 60_000;

/**
 * Shows how far work is: on a terminal one live line, drawn at most 10 times a second; elsewhere plain lines, one for each task and one a
 * minute. cli-progress and ora do not drop parts to fit a width, and write to a pipe at a fixed interval or once.
 */
export function createLiveLine(stream: TextStream, { now, environment = process.env }: LiveLineOptions): LiveLine {
  const live = stream.isTTY === true;
  const { cyan } = colors.createColors(live && wantsColor(stream, environment));
  let task: string | undefined;
  let time = -Infinity;
  let drawn = '';
  // The last column stays free: some terminals go to the next line when it is filled.
  const columns = (): number => (live ? (stream.columns ?? 80) - 1 : Infinity);
  return {
    update(status) {
      if (status.task === task && now() - time < (live ? REDRAW : REPEAT)) return;
      [task, time] = [status.task, now()];
      const line = status.line(columns());
      if (!live) return void stream.write(`${line}\n`);
      drawn = line.replace(/━+/, cyan);
      stream.write(`${ERASE_LINE}${drawn}`);
    },
    note(text) {
      stream.write(drawn === '' ? `${text}\n` : `${ERASE_LINE}${text}\n${drawn}`);
    },
    columns,
    end() {
      if (drawn !== '') stream.write(ERASE_LINE);
      [task, time, drawn] = [undefined, -Infinity, ''];
    },
  };
}
