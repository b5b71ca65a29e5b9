import { createLiveLine } from '../packages/core/src/cli/live-line.js';
import { createRunStatus } from '../packages/core/src/cli/run-status.js';
import type { RunRecord } from '../packages/core/src/kinds/run-record.js';
import { renderTable } from '../packages/core/src/report/table.js';
import type { RunEvent } from '../packages/core/src/run/run-event.js';

const ERASE_LINE = '\r\x1b[2K';
const LABELS = ['SimSiam seed 1', 'SimSiam seed 2', 'SSQL-SimSiam seed 1', 'SSQL-SimSiam seed 2'];
const RUNS = LABELS.map((label, index) => ({ number: index + 1, of: LABELS.length, label, folder: '' }));
const PRECISIONS = ['float', 'w8a8', 'w4a4', 'w3a3', 'w2a8', 'w2a4', 'w2a3'];
const STEPS = 300;

/** A page with what `ssql run` shows of a matrix. The times and results are made up, so that the page does not change from run to run. */
export function terminalPage(): string {
  const screens = [80, 120, undefined].flatMap((columns) => {
    const title = columns === undefined ? '## In a pipe' : `## ${columns} columns`;
    const shown =
      columns === undefined ? [screen(columns)] : ['train', 'measure', 'end'].map((at) => screen(columns, at));
    return [title, ...shown.map((text) => `\`\`\`text\n${text}\n\`\`\``)];
  });
  return [
    '# The terminal',
    'What `ssql run` prints to standard error about a matrix of four runs: while the third one trains, while it is measured, and at the end. The numbers are made up. The table of all results, on standard output, comes last.',
    ...screens,
    '## Color',
    'The captures above are without color (`NO_COLOR=1`). With color, bars are cyan, and the rest is the same; escape characters are written as ␛:',
    `\`\`\`text\n${screen(80, 'train', {}).replaceAll('\x1b', '␛')}\n\`\`\``,
    '## The table of results',
    ...[80, 120].flatMap((columns) => [`At ${columns} columns:`, table(columns)]),
  ].join('\n\n');
}

function table(columns: number): string {
  return `\`\`\`text\n${renderTable(
    RUNS.map(({ number }) => recordOf(number)),
    columns,
  ).trimEnd()}\n\`\`\``;
}

/** What a terminal shows at a moment. Without a width it is a pipe, and all that was written. */
function screen(columns: number | undefined, at = 'end', environment: object = { NO_COLOR: '1' }): string {
  let text = '';
  const write = (part: string): void => void (text += part);
  const clock = { time: 0 };
  const terminal = columns === undefined ? { write } : { isTTY: true, columns, write };
  const line = createLiveLine(terminal, { now: () => clock.time, environment: { ...environment } });
  const status = createRunStatus(line, () => clock.time);
  for (const { event, moment, seconds } of events()) {
    clock.time += seconds * 1000;
    status(event);
    if (moment === at) return visible(text);
  }
  line.end();
  return visible(text);
}

/** Applies the only control codes that are written: back to the start of the line, and erase it. */
function visible(text: string): string {
  return text
    .split('\n')
    .map((row) => row.slice(row.lastIndexOf(ERASE_LINE) < 0 ? 0 : row.lastIndexOf(ERASE_LINE) + ERASE_LINE.length))
    .join('\n')
    .trimEnd();
}

function* events(): Generator<{ readonly event: RunEvent; readonly seconds: number; readonly moment?: string }> {
  const planned = RUNS.map((run) => ({ run, steps: { done: 0, total: STEPS }, pending: true }));
  yield { event: { type: 'planned', runs: planned }, seconds: 1 };
  for (const run of RUNS) {
    for (let done = 0; done <= STEPS; done++) {
      const speed = { imagesPerSecond: 1280 + (done % 7) * 10, loss: -0.9 * (done / STEPS) ** 0.3 };
      const metrics = { step: done, epoch: 0, learningRate: 0.1, parts: {}, featureStd: 0.1, ...speed };
      const event = { type: 'step', run, done, total: STEPS, epochs: 30, ...(done > 0 && { metrics }) } as const;
      yield { event, seconds: 0.4, ...(run.number === 3 && done === 130 && { moment: 'train' }) };
    }
    for (const phase of ['linear-probe', 'linear-probe 2'])
      for (let done = 0; done <= 10; done++) {
        const event = { type: 'progress', run, phase, message: 'linear probe w4a4', done, total: 10 } as const;
        const measures = run.number === 3 && phase === 'linear-probe 2' && done === 4;
        yield { event, seconds: 0.8, ...(measures && { moment: 'measure' }) };
      }
    yield { event: { type: 'finished', run, record: recordOf(run.number), seconds: 137.6 }, seconds: 0.1 };
  }
}

/** The part of a record that is shown. */
function recordOf(number: number): RunRecord {
  const evaluations = PRECISIONS.map((precision, index) => {
    const value = 98 - index * (number > 2 ? 0.4 : 1.6) + ((number * number * (index + 2)) % 11) / 10;
    return { stage: 'linear-probe', precision, classifier: 'matched', metric: 'accuracy', value };
  });
  const label = LABELS[number - 1]!;
  const group = label.replace(/ seed .*/, '');
  const wrap = number > 2 ? 'ssql' : 'none';
  const cell = { 'quantization.wrap': wrap, seed: 2 - (number % 2) };
  return { label, group, cell, quantized: wrap === 'ssql', evaluations, metrics: [] } as unknown as RunRecord; // nothing else is read
}
