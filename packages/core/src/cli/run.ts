import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { RUN_FILES } from '../artifact/run-files.js';
import { loadPipeline } from '../pipeline/load.js';
import { renderTable } from '../report/table.js';
import { runPipeline } from '../train/run-pipeline.js';
import { interruption } from './interruption.js';
import { setOption } from './set-option.js';
import { createStatusLine } from './status-line.js';
import { readVersion } from '../version.js';

interface RunFlags {
  readonly runs: string;
  readonly set: readonly string[];
  readonly resume?: boolean;
  readonly fresh?: boolean;
}

/** `ssql run <file>`: trains and evaluates what a pipeline describes, prints the results and says where they lie. */
export function runCommand(): Command {
  return new Command('run')
    .description('Run a pipeline: pretrain, evaluate, report.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--resume', 'go on with runs that were stopped')
    .addOption(
      new Option('--fresh', 'start anew, and remove what earlier runs of this pipeline left').conflicts('resume'),
    )
    .addOption(setOption())
    .option('--runs <folder>', 'the folder that holds the runs', 'runs')
    .addHelpText(
      'after',
      `
Examples:
  ssql run pipelines/quickstart.yaml
  ssql run pipelines/quickstart.yaml --set seed=2 --set train.epochs=60
  ssql run pipelines/quickstart.yaml --resume     after Ctrl-C: the result is the same, to the byte`,
    )
    .action(async (file: string, { runs, set, resume = false, fresh = false }: RunFlags) => {
      const loaded = await loadPipeline(file, { set });
      const status = createStatusLine(process.stderr, { now: Date.now });
      const interrupted = interruption(() => status.note('Stopping after this step; once more to stop at once.'));
      try {
        const result = await runPipeline(loaded, {
          folder: runs,
          resume,
          fresh,
          version: readVersion(),
          signal: interrupted.signal,
          onNote: (line) => status.note(line),
          onProgress: ({ phase, done, total, metrics }) =>
            status.update({
              phase,
              done,
              total,
              ...(metrics && { loss: metrics.loss, imagesPerSecond: metrics.imagesPerSecond }),
            }),
        });
        status.end();
        process.stdout.write(`\n${renderTable(result.runs)}\n`);
        const folder = relative('.', result.folder);
        const reports = loaded.cells.some(({ pipeline }) => pipeline.stages.some(({ use }) => use === 'report'));
        const report = join(folder, RUN_FILES.report);
        process.stdout.write(`Runs: ${folder}\n${reports && existsSync(report) ? `Report: ${report}\n` : ''}`);
      } catch (error) {
        status.end();
        if (!interrupted.signal.aborted || error !== interrupted.signal.reason) throw error;
        process.stderr.write('Stopped; what was reached is saved. Go on with --resume.\n');
        process.exitCode = interrupted.status();
      } finally {
        interrupted.end();
      }
    });
}
