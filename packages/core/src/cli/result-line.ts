import stringWidth from 'string-width';
import { formatDuration } from '../duration.js';
import type { Evaluation } from '../kinds/run-record.js';
import { plainNumber, significant } from '../report/numbers.js';
import type { RunFinished } from '../run/run-event.js';
import { printable } from '../printable.js';
import { cut } from './fit.js';

/**
 * The end of a run in one line: `SSQL-SimSiam seed 1  float 98.0 | w4a4 97.1 | w2a4 95.8  2m 15s`. It has the results of the first stage
 * that has some, of its first classifier and metric.
 * @param labelWidth the columns of the label, so that the lines of all runs align
 */
export function resultLine({ run, record, seconds }: RunFinished, labelWidth: number, columns: number): string {
  const took = seconds === undefined ? 'finished before' : formatDuration(seconds);
  const cutLabel = cut(printable(run.label), Math.max(8, Math.floor(columns / 2)));
  const padding = Math.min(labelWidth, Math.floor(columns / 2)) - stringWidth(cutLabel);
  const label = cutLabel + ' '.repeat(Math.max(0, padding));
  const figures = figuresOf(record.evaluations);
  const loss = record.metrics.at(-1)?.loss;
  if (figures.length === 0) figures.push(loss === undefined ? 'nothing measured' : `loss ${loss.toFixed(4)}`);
  const room = columns - stringWidth(label) - took.length - 4;
  return cut(`${label}  ${joined(figures, room)}  ${took}`, columns);
}

function figuresOf(evaluations: readonly Evaluation[]): string[] {
  const [first] = evaluations;
  return evaluations
    .filter(
      ({ stage, classifier, metric }) =>
        stage === first?.stage && classifier === first.classifier && metric === first.metric,
    )
    .map(
      ({ precision, metric, value }) =>
        `${precision} ${/accuracy$/.test(metric) ? plainNumber(value) : significant(value)}`,
    );
}

/** Figures with bars between them; where they do not fit, those in the middle are left out. */
function joined(figures: readonly string[], room: number): string {
  for (let count = figures.length; count > 2; count--) {
    const last = Math.floor(count / 2);
    const shown = [
      ...figures.slice(0, count - last),
      ...(count < figures.length ? ['…'] : []),
      ...figures.slice(figures.length - last),
    ];
    if (shown.join(' | ').length <= room) return shown.join(' | ');
  }
  return figures.slice(0, 2).join(' | ');
}
