import stringWidth from 'string-width';
import { formatDuration } from '../duration.js';
import { printable } from '../printable.js';
import type { RunEvent, RunPlace, RunProgressed, RunsPlanned, RunStepped } from '../run/run-event.js';
import { cut, fit, formatBar, shareOf } from './fit.js';
import { formatEvaluations } from './format-evaluations.js';
import type { LiveLine } from './live-line.js';
import { resultLine } from './result-line.js';
import { createTimeLeft, type TimeLeft } from './time-left.js';

/**
 * Shows the events of a pipeline: while a run trains, its epoch, speed and time left; once it is finished, one line with its results.
 * @param now milliseconds
 */
export function createRunStatus(line: LiveLine, now: () => number): (event: RunEvent) => void {
  const timeLeft = createTimeLeft(now);
  let plan: RunsPlanned['runs'] = [];
  return (event) => {
    timeLeft.take(event);
    switch (event.type) {
      case 'planned':
        plan = event.runs;
        return;
      case 'note':
        return line.note(printable(event.text));
      case 'monitored': {
        const { epochs, evaluations } = event.metrics;
        const title = `${nameOf(event.run)}, after ${epochs} epoch${epochs === 1 ? '' : 's'}`;
        return line.note(`${title}\n${formatEvaluations(evaluations, line.columns()).trimEnd()}`);
      }
      case 'step':
      case 'progress': {
        const name = event.run !== undefined ? nameOf(event.run) : event.type === 'progress' ? event.phase : '';
        const tails = (columns: number): Tails =>
          event.type === 'step' ? stepTails(event, timeLeft, columns) : progressTails(event, timeLeft, columns);
        return line.update({ task: name, line: (columns) => withName(name, tails(columns), columns) });
      }
      case 'finished': {
        line.end();
        const width = Math.max(...plan.map(({ run }) => stringWidth(run.label)));
        return line.note(resultLine(event, width, line.columns()));
      }
    }
  };
}

/** `SSQL-SimSiam seed 1 (2/4)`. */
function nameOf({ label, number, of }: RunPlace): string {
  return of === 1 ? label : `${label} (${number}/${of})`;
}

/** Parts of a line from many to few. */
type Tails = readonly (readonly string[])[];

/** A name and the first of some lists of parts that fit; the name is cut if none does. */
function withName(name: string, tails: Tails, columns: number): string {
  const texts = tails.map((parts) => parts.filter((part) => part !== '').join('  '));
  const shortest = texts.at(-1) ?? '';
  const cutName = `${cut(name, Math.max(8, columns - shortest.length - 2))}  ${shortest}`;
  return fit([...texts.map((text) => `${name}  ${text}`), cutName], columns);
}

/** What is said of a step of training, from much to little. */
function stepTails({ done, total, epochs, metrics }: RunStepped, timeLeft: TimeLeft, columns: number): Tails {
  const share = shareOf(done, total);
  const epoch = `epoch ${Math.min(epochs, Math.floor(share * epochs) + 1)}/${epochs}`;
  const loss = metrics === undefined ? '' : `loss ${metrics.loss.toFixed(4)}`;
  const speed = timeLeft.imagesPerSecond();
  const images = speed === undefined ? '' : `${Math.round(speed)} images/s`;
  const run = timeLeft.ofTraining();
  const left = run === undefined ? '' : `${formatDuration(run)} left`;
  const both = [left, allLeft(timeLeft)].filter((part) => part !== '').join(', ');
  const [bar, shortBar] = [formatBar(share, 16), formatBar(share, 6)];
  if (columns === Infinity) return [['pretrain', epoch, loss, images, both]];
  return [
    ['pretrain', bar, epoch, loss, images, both],
    [bar, epoch, loss, images, both],
    [shortBar, epoch, loss, images, both],
    [shortBar, epoch, images, both],
    [shortBar, epoch, both],
    [epoch, both],
    [epoch, left],
    [epoch],
  ];
}

/** `all 4m 20s`; with a `+` as long as parts of it are unknown. */
function allLeft(timeLeft: TimeLeft): string {
  const all = timeLeft.ofAll();
  return all === undefined ? '' : `all ${formatDuration(all.seconds)}${all.atLeast ? '+' : ''}`;
}

/** What is said of a stage, from much to little: `probe 2 w4a4  45%`. */
function progressTails(
  { run, phase, message, done, total }: RunProgressed,
  timeLeft: TimeLeft,
  columns: number,
): Tails {
  const share = shareOf(done, total);
  const percent = `${Math.floor(share * 100)}%`;
  const what = [run === undefined ? '' : phase, detailOf(phase, message)].filter((part) => part !== '').join(': ');
  if (columns === Infinity) return [[what, percent, allLeft(timeLeft)]];
  return [
    [formatBar(share, 16), what, percent, allLeft(timeLeft)],
    [formatBar(share, 6), what, percent, allLeft(timeLeft)],
    [what, percent],
    [phase, percent],
    [percent],
  ];
}

/** A message without the name of the stage at its start: `probe w4a4` of `probe 2` becomes `w4a4`. */
function detailOf(phase: string, message: string): string {
  const name = phase.replace(/ \d+$/, '').replaceAll('-', ' ');
  return message.replaceAll('-', ' ').startsWith(name) ? message.slice(name.length).trim() : message;
}
