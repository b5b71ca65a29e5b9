import { join } from 'node:path';
import { stringify } from 'yaml';
import { describeRun } from '../artifact/manifest.js';
import { readRun } from '../artifact/read-run.js';
import { openRunFolder } from '../artifact/run-folder.js';
import { runId } from '../artifact/run-name.js';
import type { RunRecord } from '../artifact/run-record.js';
import { runOutdated } from '../errors.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { fingerprint } from './fingerprint.js';
import type { PreparedRun } from './prepared-run.js';
import { pretrain } from './pretrain.js';
import type { RunOptions } from './run-pipeline.js';
import { runStages } from './run-stages.js';
import { timed } from './timed.js';

/**
 * Pretrains a cell and runs its stages, all but what is finished.
 * @param parent the folder of the pipeline's runs
 * @param label before the names of phases, for progress
 */
export async function runCell(
  prepared: PreparedRun,
  options: RunOptions,
  parent: string,
  label: string,
): Promise<RunRecord> {
  const { cell, composition } = prepared;
  const { pipeline } = cell;
  const path = join(parent, runId(cell.label, trainingYaml(pipeline)));
  const folder = await openRunFolder(path, options);
  const trainedFrom = fingerprint([trainingYaml(pipeline), composition.dataset.fingerprint]);
  const finished = await folder.finishedPhases();
  // The folder is named by how the run is trained, but other data may lie under the same path.
  if ((finished['pretrain'] ?? trainedFrom) !== trainedFrom) throw runOutdated(path);
  await folder.writePipeline(cell.yaml);
  const phase = (what: string): string => (label === '' ? what : `${label}: ${what}`);

  if (finished['pretrain'] === undefined) {
    await noteOtherEngine(prepared, options, path);
    await folder.writeManifest(manifestOf(prepared, options));
    await timed(folder, 'pretrain', () =>
      pretrain(
        {
          ...prepared,
          ...pipeline.train,
          seed: pipeline.seed,
          signal: options.signal,
          onStep: (done, total, metrics) =>
            options.onProgress({ phase: phase('pretrain'), done, total, ...(metrics && { metrics }) }),
        },
        folder,
      ),
    );
    await folder.markFinished('pretrain', trainedFrom);
  }
  await runStages(prepared, options, folder, { trainedFrom, phase });
  await folder.finishRun();
  return readRun(folder.folder);
}

/** The bytes of a training depend on the engine and its threads: one that goes on with others is told so. */
async function noteOtherEngine({ engine }: PreparedRun, { onNote }: RunOptions, path: string): Promise<void> {
  const { manifest, metrics } = await readRun(path);
  const before = JSON.stringify(manifest['engine']);
  if (metrics.length === 0 || before === undefined || before === JSON.stringify(engine.info)) return;
  onNote(
    `The run began with the engine ${before} and goes on with ${JSON.stringify(engine.info)}: its bytes will differ.`,
  );
}

/** What training depends on; stages can be added to a run that is trained. */
function trainingYaml({ stages: _stages, evaluation: _evaluation, engine: _engine, ...training }: Pipeline): string {
  return stringify(training, { aliasDuplicateObjects: false, sortMapEntries: true });
}

function manifestOf(
  { engine, cell, plugins, composition }: PreparedRun,
  { version }: RunOptions,
): RunRecord['manifest'] {
  return describeRun({
    version,
    engine: engine.info,
    plugins: plugins.map(({ name, version = 'unknown' }) => ({ name, version })),
    data: { name: composition.dataset.name, fingerprint: composition.dataset.fingerprint },
    seed: cell.pipeline.seed,
    cell: cell.cell,
    label: cell.label,
    now: new Date(),
  });
}
