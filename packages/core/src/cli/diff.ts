import { Command } from 'commander';
import type { ComparedEvaluation, Difference } from '../artifact/compare-runs.js';
import { plainNumber, signedDifference, significant } from '../report/numbers.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { rows } from './rows.js';

interface DiffFlags {
  readonly runs: string;
  readonly json?: boolean;
}

/** `ssql diff <run> <run>`: prints the differences of two runs, and their evaluations. */
export function diffCommand(): Command {
  const run = 'a run: its folder, its id, `pipeline/id`, or the last eight characters of its id';
  const command = new Command('diff')
    .description('Compare two runs: pipelines, environments and evaluations.')
    .argument('<a>', run)
    .argument('<b>', 'the other run')
    .option('--runs <folder>', 'the folder of runs', 'runs')
    .addOption(jsonOption('the differences'))
    .action(async (wantedA: string, wantedB: string, { runs, json = false }: DiffFlags) => {
      const [{ resolveRun }, { compareRuns }] = await Promise.all([
        import('../artifact/find-runs.js'),
        import('../artifact/compare-runs.js'),
      ]);
      const [a, b] = [await resolveRun(wantedA, runs), await resolveRun(wantedB, runs)];
      const comparison = await compareRuns(a, b, (line) => process.stderr.write(`${line}\n`));
      if (json) return printJson({ a, b, ...comparison });
      const { pipeline, manifest, evaluations } = comparison;
      process.stdout.write(
        [
          `a: ${a}\nb: ${b}\n`,
          section('Pipeline', pipeline),
          section('Environment', manifest),
          evaluations.length === 0
            ? 'No evaluations.\n'
            : `${formatEvaluations(evaluations)}One pair of runs: no interval.\n`,
        ].join('\n'),
      );
    });
  return examples(
    command,
    'ssql diff runs/quickstart/simsiam-1a2b3c4d runs/quickstart/ssql-simsiam-5e6f7a8b',
    'ssql diff 1a2b3c4d 5e6f7a8b',
  );
}

function section(title: string, differences: readonly Difference[]): string {
  if (differences.length === 0) return `${title}: no differences.\n`;
  const lines = differences.map(({ path, a, b }) => `  ${path}: ${write(a)} -> ${write(b)}\n`);
  return `${title}:\n${lines.join('')}`;
}

function write(value: unknown): string {
  if (value === undefined) return '(nothing)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function formatEvaluations(evaluations: readonly ComparedEvaluation[]): string {
  const lines = evaluations.map(({ stage, classifier, metric, precision, a, b }) => {
    const number = metric === 'accuracy' ? plainNumber : significant;
    const difference = a === undefined || b === undefined ? '' : signedDifference(b, a, metric === 'accuracy' ? 1 : 4);
    return [
      stage,
      classifier,
      metric,
      precision,
      ...[a, b].map((value) => (value === undefined ? '-' : number(value))),
      difference,
    ];
  });
  return rows([['stage', 'classifier', 'metric', 'precision', 'a', 'b', 'b - a'], ...lines]);
}
