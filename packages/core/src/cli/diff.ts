import { Command } from 'commander';
import type { ComparedEvaluation, Difference } from '../artifact/compare-runs.js';
import { plainNumber, signedDifference, significant } from '../report/numbers.js';
import { printable } from '../printable.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { note } from './note.js';
import { rows } from './rows.js';
import { runsOption } from './runs-option.js';

interface DiffFlags {
  readonly runs: string;
  readonly json?: boolean;
}

/** `ssql diff <runs...>`: prints the differences of runs, and their evaluations. */
export function diffCommand(): Command {
  const command = new Command('diff')
    .description('Compare runs: pipelines, environments and evaluations.')
    .argument('<a>', 'a run: its folder, its id, `pipeline/id`, or the last eight characters of its id')
    .argument('<others...>', 'the runs to compare with it')
    .addOption(runsOption())
    .addOption(jsonOption('the differences'))
    .action(async (wanted: string, others: readonly string[], { runs, json = false }: DiffFlags) => {
      const [{ resolveRun }, { compareRuns, letterOf }] = await Promise.all([
        import('../artifact/find-runs.js'),
        import('../artifact/compare-runs.js'),
      ]);
      const folders = await Promise.all([wanted, ...others].map((run) => resolveRun(run, runs)));
      const letters = folders.map((_, index) => letterOf(index));
      const comparison = await compareRuns(folders, note);
      const named = Object.fromEntries(folders.map((folder, index) => [letterOf(index), folder]));
      if (json) return printJson({ ...named, ...comparison });
      const { pipeline, manifest, evaluations } = comparison;
      const caveat = folders.length === 2 ? 'One pair of runs: no interval.' : 'One run each: no intervals.';
      process.stdout.write(
        [
          letters.map((letter) => `${letter}: ${named[letter]}\n`).join(''),
          section('Pipeline', pipeline, letters),
          section('Environment', manifest, letters),
          evaluations.length === 0 ? 'No evaluations.\n' : `${formatEvaluations(evaluations, letters)}${caveat}\n`,
        ].join('\n'),
      );
    });
  return examples(
    command,
    'ssql diff runs/quickstart/simsiam-1a2b3c4d runs/quickstart/ssql-simsiam-5e6f7a8b',
    'ssql diff 1a2b3c4d 5e6f7a8b',
    'ssql diff 1a2b3c4d 5e6f7a8b 9c0d1e2f     both compared with the first',
  );
}

function section(title: string, differences: readonly Difference[], letters: readonly string[]): string {
  if (differences.length === 0) return `${title}: no differences.\n`;
  const lines = differences.map(
    (difference) => `  ${difference.path}: ${letters.map((letter) => write(difference[letter])).join(' -> ')}\n`,
  );
  return `${title}:\n${lines.join('')}`;
}

function write(value: unknown): string {
  if (value === undefined) return '(nothing)';
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

function formatEvaluations(evaluations: readonly ComparedEvaluation[], letters: readonly string[]): string {
  const [first = '', ...others] = letters;
  const lines = evaluations.map(({ stage, classifier, metric, precision, values }) => {
    const number = metric === 'accuracy' ? plainNumber : significant;
    const base = values[first];
    return [
      stage,
      classifier,
      metric,
      precision,
      ...letters.map((letter) => (values[letter] === undefined ? '-' : number(values[letter]))),
      ...others.map((letter) => {
        const value = values[letter];
        return base === undefined || value === undefined
          ? ''
          : signedDifference(value, base, metric === 'accuracy' ? 1 : 4);
      }),
    ];
  });
  const heads = others.map((letter) => `${letter} - ${first}`);
  return rows([['stage', 'classifier', 'metric', 'precision', ...letters, ...heads], ...lines]);
}
