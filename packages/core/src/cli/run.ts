import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import type { MonitorMetrics } from '../kinds/run-record.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import type { PlannedRun } from '../run/plan-phases.js';
import type { PipelineResult } from '../run/run-pipeline.js';
import { readVersion } from '../version.js';
import { examples } from './examples.js';
import { formatEvaluations } from './format-evaluations.js';
import { interruption } from './interruption.js';
import { jsonOption, printJson } from './json-option.js';
import { rows } from './rows.js';
import { setOption } from './set-option.js';
import { createStatusLine } from './status-line.js';

interface RunFlags {
  readonly runs: string;
  readonly set: readonly string[];
  readonly resume?: boolean;
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `ssql run <file>`: trains and evaluates what a pipeline describes, prints the results and says where they lie. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('Run a pipeline: pretrain, evaluate, report.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--resume', 'go on with runs that were stopped')
    .addOption(
      new Option('--fresh', 'start anew, and remove what earlier runs of this pipeline left').conflicts('resume'),
    )
    .option('--dry-run', 'check all that can be known before the first step, and say what would be run')
    .addOption(setOption())
    .option('--runs <folder>', 'the folder that holds the runs', 'runs')
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
    'ssql run pipeline.yaml --resume     after Ctrl-C: the result is the same, to the byte',
  );
}

async function plan(
  loaded: LoadedPipeline,
  { runs: folder, resume = false, fresh = false, json = false }: RunFlags,
): Promise<void> {
  const { planPhases } = await import('../run/plan-phases.js');
  const onNote = (line: string): void => void process.stderr.write(`${line}\n`);
  const planned = await planPhases(loaded, { folder, resume, fresh, version: readVersion(), onNote });
  if (json) return printJson({ pipeline: loaded.name, runs: planned });
  process.stdout.write(`${planned.map(formatPlanned).join('\n')}\nNothing was run or written.\n`);
}

function formatPlanned({ label, folder, engine, phases }: PlannedRun): string {
  const lines = phases.map(({ name, state, steps }) => {
    const from = steps !== undefined && state === 'to run' && steps.done > 0 ? `from step ${steps.done} of ` : '';
    return [`    ${name}`, state, steps === undefined ? '' : `${from}${steps.total} steps`];
  });
  return `${label === '' ? '' : `${label}: `}${folder}\n    (${engine})\n${rows(lines)}`;
}

async function run(
  loaded: LoadedPipeline,
  { runs: folder, resume = false, fresh = false, json = false }: RunFlags,
): Promise<void> {
  const { runPipeline } = await import('../run/run-pipeline.js');
  const status = createStatusLine(process.stderr, { now: Date.now });
  const interrupted = interruption(() => status.note('Stopping after this step; once more to stop at once.'));
  try {
    const result = await runPipeline(loaded, {
      folder,
      resume,
      fresh,
      version: readVersion(),
      signal: interrupted.signal,
      onNote: (line) => status.note(line),
      onProgress({ phase, done, total, metrics, monitored }) {
        if (monitored) return status.note(formatMonitored(phase, monitored));
        status.update({
          phase,
          done,
          total,
          ...(metrics && { loss: metrics.loss, imagesPerSecond: metrics.imagesPerSecond }),
        });
      },
    });
    status.end();
    await printResult(loaded, result, json);
  } catch (error) {
    status.end();
    if (!interrupted.signal.aborted || error !== interrupted.signal.reason) throw error;
    process.stderr.write('Stopped; what was reached is saved. Go on with --resume.\n');
    process.exitCode = interrupted.status();
  } finally {
    interrupted.end();
  }
}

function formatMonitored(phase: string, { epochs, evaluations }: MonitorMetrics): string {
  return `${phase}, after ${epochs} epoch${epochs === 1 ? '' : 's'}\n${formatEvaluations(evaluations).trimEnd()}`;
}

async function printResult({ cells }: LoadedPipeline, result: PipelineResult, json: boolean): Promise<void> {
  const [{ renderTable }, { RUN_FILES }] = await Promise.all([
    import('../report/table.js'),
    import('../artifact/run-files.js'),
  ]);
  const folder = relative('.', result.folder);
  const reports = cells.some(({ pipeline }) => pipeline.stages.some(({ use }) => use === 'report'));
  const path = join(folder, RUN_FILES.report);
  const report = reports && existsSync(path) ? path : undefined;
  if (json) {
    const runs = result.runs.map((one) => {
      const { label, cell, evaluations, timings } = one;
      return { folder: relative('.', one.folder), label, cell, evaluations, timings };
    });
    return printJson({ folder, ...(report && { report }), runs });
  }
  process.stdout.write(`\n${renderTable(result.runs)}\n`);
  process.stdout.write(`Runs: ${folder}\n${report === undefined ? '' : `Report: ${report}\n`}`);
}
