import colors from 'picocolors';
import { formatDuration } from '../duration.js';
import { wantsColor } from './color.js';

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly loss?: number;
  readonly imagesPerSecond?: number;
}

export interface StatusLine {
  update(progress: Progress): void;
  /** Prints a line above the live one. */
  note(line: string): void;
  end(): void;
}

export interface StatusStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface StatusOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly environment?: { readonly [name: string]: string | undefined };
}

export const ERASE_LINE = '\r\x1b[2K';

/**
 * Tells how far a run is: one live line on a terminal, at most 10 times a second; elsewhere plain lines: the start from nothing, the end, and
 * between them every 10% but not more often than every 5 s, or every 30 s. cli-progress and ora do not drop parts to fit a width, and
 * write to a pipe at a fixed interval or once.
 */
export function createStatusLine(stream: StatusStream, { now, environment = process.env }: StatusOptions): StatusLine {
  const live = stream.isTTY === true;
  const { cyan } = colors.createColors(live && wantsColor(stream, environment));
  let start: { readonly phase: string; readonly time: number; readonly done: number } | undefined;
  let drawn:
    { readonly time: number; readonly tenth: number; readonly complete: boolean; readonly text: string } | undefined;

  return {
    update(progress) {
      const time = now();
      if (start?.phase !== progress.phase) {
        if (live && drawn !== undefined) stream.write('\n');
        start = { phase: progress.phase, time, done: progress.done };
        drawn = undefined;
      }
      const share = fraction(progress);
      const tenth = Math.floor(share * 10);
      const complete = share === 1;
      const due = live
        ? drawn === undefined || time - drawn.time >= 100 || (complete && !drawn.complete)
        : (drawn === undefined && progress.done === 0) ||
          (complete && drawn?.complete !== true) ||
          (tenth !== drawn?.tenth && time - (drawn?.time ?? start.time) >= 5000) ||
          time - (drawn?.time ?? start.time) >= 30_000;
      if (!due) return;
      const secondsLeft = secondsToGo(progress, start.done, (time - start.time) / 1000);
      const line = formatStatus(progress, secondsLeft, live ? (stream.columns ?? 80) - 1 : undefined);
      const text = line.replace(/━+/, cyan);
      stream.write(live ? ERASE_LINE + text : `${text}\n`);
      drawn = { time, tenth, complete, text };
    },
    note(line) {
      const redraw = live && drawn !== undefined;
      stream.write(redraw ? `${ERASE_LINE}${line}\n${drawn?.text ?? ''}` : `${line}\n`);
    },
    end() {
      if (live && drawn !== undefined) stream.write('\n');
      start = undefined;
      drawn = undefined;
    },
  };
}

/** One line of progress. A terminal's width asks for a bar and drops the less telling parts until the line fits. */
export function formatStatus(progress: Progress, secondsLeft: number | undefined, width?: number): string {
  const { phase, loss, imagesPerSecond } = progress;
  const share = fraction(progress);
  const bar = width === undefined ? '' : formatBar(share, 16);
  const percent = `${Math.floor(share * 100)}%`;
  const lossText = loss === undefined ? '' : `loss ${loss.toFixed(4)}`;
  const speed = imagesPerSecond === undefined ? '' : `${Math.round(imagesPerSecond)} images/s`;
  const left = secondsLeft === undefined ? '' : `${formatDuration(secondsLeft)} left`;
  const candidates = [
    [phase, bar, percent, lossText, speed, left],
    [phase, percent, lossText, speed, left],
    [phase, percent, lossText, left],
    [phase, percent, left],
    [phase, percent],
  ].map((parts) => parts.filter((part) => part !== '').join('  '));
  const room = width ?? Infinity;
  return candidates.find((line) => line.length <= room) ?? `${phase} ${percent}`.slice(0, Math.max(0, room));
}

export function formatBar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return '━'.repeat(full) + '─'.repeat(cells - full);
}

function fraction({ done, total }: Progress): number {
  return total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
}

/** Undefined before anything is done. A resumed phase counts from where it resumed. */
function secondsToGo({ done, total }: Progress, from: number, elapsed: number): number | undefined {
  return done > from && done < total ? (elapsed / (done - from)) * (total - done) : undefined;
}
