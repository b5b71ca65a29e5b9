import { Command } from 'commander';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { RunSummary } from '../artifact/run-summary.js';
import { examples } from './examples.js';
import { formatEvaluations } from './format-evaluations.js';
import { jsonOption, printJson } from './json-option.js';
import { note } from './note.js';
import { outputColumns } from './output-columns.js';
import { rows, wrap } from './rows.js';
import { formatDuration } from '../duration.js';

/** `ssql runs [folder]`: lists runs with their progress and evaluations. */
export function runsCommand(): Command {
  const command = new Command('runs')
    .description('List runs with their state, start, duration and evaluations.')
    .argument('[folder]', 'the folder of runs, of one pipeline, or of one run', 'runs')
    .addOption(jsonOption('the list of runs'))
    .action(async (folder: string, { json = false }: { readonly json?: boolean }) => {
      const [{ findRuns }, { summarizeRun }] = await Promise.all([
        import('../artifact/find-runs.js'),
        import('../artifact/run-summary.js'),
      ]);
      const read = await Promise.all((await findRuns(folder)).map((run) => summarizeRun(run, note).catch(problemOf)));
      const runs = read.filter((each): each is RunSummary => !(each instanceof SsqlError));
      const problems = read.filter((each) => each instanceof SsqlError);
      if (json) printJson(runs);
      else if (read.length === 0) process.stdout.write(`No runs in ${folder}.\n`);
      else if (runs.length > 0) process.stdout.write(formatRuns(runs, outputColumns()));
      if (problems.length > 0) throw new PipelineErrors(problems);
    });
  return examples(command, 'ssql runs', 'ssql runs runs/quickstart', 'ssql runs --json');
}

/** A damaged run does not hide the others. */
function problemOf(error: unknown): SsqlError {
  if (error instanceof SsqlError) return error;
  throw error;
}

/** Runs with what tells those of a matrix apart, and their evaluations. */
export function formatRuns(runs: readonly RunSummary[], columns: number): string {
  const facts = runs.map((run) => [stateOf(run), dateOf(run), formatDuration(run.seconds)]);
  const names = runs.map(({ pipeline, id }) => `${pipeline}/${id}`);
  const table = rows([['run', 'state', 'started', 'duration'], ...facts.map((row, index) => [names[index]!, ...row])]);
  const [header = '', ...flat] = table.trimEnd().split('\n');
  const fits = [header, ...flat].every((line) => line.length <= columns);
  const heads = fits ? flat : facts.map((row, index) => `${names[index]}\n    ${row.join('  ')}`);
  const listed = runs.map(({ cell, seed, evaluations }, index) => {
    const hasSeed = Object.keys(cell).some((path) => /(^|\.)seed$/.test(path));
    const set = { ...cell, ...(!hasSeed && seed !== undefined && { seed }) };
    const values = Object.entries(set).map(([path, value]) => `${path}: ${valueText(value)}`);
    const matrix = values.length === 0 ? [] : wrap(values.join(', '), columns - 4);
    return [`${heads[index]}\n`, ...matrix.map((line) => `    ${line}\n`), formatEvaluations(evaluations, columns)];
  });
  return `${fits ? `${header}\n` : ''}${listed.flat().join('')}`;
}

/** A value of the matrix; of a plugin without options, its name. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { use, with: options = {} } = (value ?? {}) as { readonly use?: unknown; readonly with?: object };
  if (typeof use !== 'string') return JSON.stringify(value);
  return Object.keys(options).length === 0 ? use : `${use} ${JSON.stringify(options)}`;
}

function stateOf({ state, epochs }: RunSummary): string {
  if (epochs.total === 0) return `${state}: nothing to train`;
  if (state === 'finished') return state;
  if (epochs.done === epochs.total) return `${state}: trained`;
  return `${state}: epoch ${epochs.done} of ${epochs.total}`;
}

/** The local time, to the minute. */
function dateOf({ date }: RunSummary): string {
  if (date === undefined) return '';
  const local = new Date(new Date(date).getTime() - new Date(date).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16).replace('T', ' ');
}
