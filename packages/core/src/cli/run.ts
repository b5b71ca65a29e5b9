import { relative } from 'node:path';
import { Command, Option } from 'commander';
import type { LoadedPipeline } from '../pipeline/load.js';
import type { PlannedRun } from '../run/plan-pipeline.js';
import type { PipelineResult } from '../run/run-pipeline.js';
import { setExitStatus } from './exit-status.js';
import { examples } from './examples.js';
import { interruption } from './interruption.js';
import { jsonOption, printJson } from './json-option.js';
import { createLiveLine } from './live-line.js';
import { note } from './note.js';
import { outputColumns } from './output-columns.js';
import { rows } from './rows.js';
import { createRunStatus } from './run-status.js';
import { serveOnce } from './serve-once.js';
import { setOption } from './set-option.js';
import { runsOption } from './runs-option.js';

interface RunFlags {
  readonly runs: string;
  readonly set: readonly string[];
  readonly resume?: boolean;
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `ssql run <file>`: trains and evaluates the runs of a pipeline, then prints the results and their folders. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('Run a pipeline: pretrain, evaluate, report.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--resume', 'continue interrupted runs')
    .addOption(
      new Option('--fresh', 'start again, and remove the files of earlier runs of this pipeline').conflicts('resume'),
    )
    .option('--dry-run', 'check everything that can be checked before the first step, and print the plan')
    .addOption(setOption())
    .addOption(runsOption())
    .addOption(jsonOption('the results'))
    .action(async (file: string, flags: RunFlags) => {
      const { loadPipeline } = await import('../pipeline/load.js');
      const loaded = await loadPipeline(file, { set: flags.set });
      await (flags.dryRun === true ? plan(loaded, flags) : run(loaded, flags));
    });
  return examples(
    command,
    'ssql run pipeline.yaml',
    'ssql run pipeline.yaml --dry-run',
    'ssql run pipeline.yaml --set seed=2 --set train.epochs=60',
    'ssql run pipeline.yaml --resume     after Ctrl-C: the result is identical to the byte',
  );
}

async function plan(
  loaded: LoadedPipeline,
  { runs: folder, resume = false, fresh = false, json = false }: RunFlags,
): Promise<void> {
  const { planPipeline } = await import('../run/plan-pipeline.js');
  const { name, ...planned } = await planPipeline(loaded, {
    folder,
    resume,
    fresh,
    onEvent: (event) => event.type === 'note' && note(event.text),
  });
  if (json) return printJson({ pipeline: name, ...planned });
  const closing = planned.stages.length > 0 ? [`after all runs: ${planned.stages.join(', ')}\n`] : [];
  process.stdout.write(`${[...planned.runs.map(formatPlanned), ...closing].join('\n')}\nNothing was run or written.\n`);
}

function formatPlanned({ label, folder, engine, phases }: PlannedRun): string {
  const lines = phases.map(({ name, state, steps }) => {
    const from = steps !== undefined && state === 'to run' && steps.done > 0 ? `from step ${steps.done} of ` : '';
    const all = steps?.total === 0 ? 'no steps: nothing is trained' : `${from}${steps?.total} steps`;
    return [`    ${name}`, state, steps === undefined ? '' : all];
  });
  return `${label === '' ? '' : `${label}: `}${folder}\n    (${engine})\n${rows(lines)}`;
}

async function run(
  loaded: LoadedPipeline,
  { runs: folder, resume = false, fresh = false, json = false }: RunFlags,
): Promise<void> {
  const { runPipeline } = await import('../run/run-pipeline.js');
  const line = createLiveLine(process.stderr, { now: Date.now });
  const interrupted = interruption('Stopping after this step. Press Ctrl-C again to stop immediately.', line.note);
  try {
    await serveOnce(interrupted.notice);
    const result = await runPipeline(loaded, {
      folder,
      resume,
      fresh,
      signal: interrupted.signal,
      onEvent: createRunStatus(line, Date.now),
    });
    line.end();
    await printResult(result, json);
  } catch (error) {
    line.end();
    if (!interrupted.signal.aborted || error !== interrupted.signal.reason) throw error;
    process.stderr.write(`Stopped. What was saved is kept. Continue with: ${resumingCommand()}\n`);
    setExitStatus(interrupted.status());
  } finally {
    interrupted.end();
  }
}

/** The command of this process with `--resume`. */
function resumingCommand(): string {
  const words = process.argv.slice(2).filter((word) => word !== '--resume' && word !== '--fresh');
  return ['ssql', ...words.map(quoted), '--resume'].join(' ');
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./=:,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

async function printResult({ folder, runs, documents }: PipelineResult, json: boolean): Promise<void> {
  const [{ renderTable }, { listDifferences }] = await Promise.all([
    import('../report/table.js'),
    import('../report/differences.js'),
  ]);
  const written = documents.map(({ title, file }) => ({ title, file: relative('.', file) }));
  if (json) {
    const summaries = runs.map(({ folder: path, label, group, quantized, cell, evaluations, monitored, timings }) => {
      return { folder: relative('.', path), label, group, quantized, cell, evaluations, monitored, timings };
    });
    const differences = listDifferences(runs);
    return printJson({ folder: relative('.', folder), documents: written, runs: summaries, differences });
  }
  process.stdout.write(`\n${renderTable(runs, outputColumns())}\n`);
  process.stdout.write(`Runs: ${relative('.', folder)}\n`);
  for (const { title, file } of written) process.stdout.write(`${title}: ${file}\n`);
}
