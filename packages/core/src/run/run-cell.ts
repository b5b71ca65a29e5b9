import { join } from 'node:path';
import { describeRun } from '../artifact/manifest.js';
import { readRun } from '../artifact/read-run.js';
import { readSavedStep } from '../artifact/run-files.js';
import { openRunFolder, type RunFolder } from '../artifact/run-folder.js';
import type { RunRecord } from '../kinds/run-record.js';
import type { Location } from '../errors.js';
import { openMonitor } from './monitor.js';
import type { PreparedRun } from './prepared-run.js';
import { pretrain, type Training } from '../train/pretrain.js';
import { withLogs, type RunLogs } from './run-logs.js';
import type { RunOptions } from './run-options.js';
import { pendingStages, runStages } from './run-stages.js';
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
  const { cell, identity } = prepared;
  const { pipeline } = cell;
  const folder = await openRunFolder(join(parent, identity.id), options);
  await folder.writePipeline(cell.yaml);
  await folder.begin(identity.trainingFingerprint);
  const phase = (what: string): string => (label === '' ? what : `${label}: ${what}`);

  const finished = await folder.finishedPhases();
  const trained = finished['pretrain'] !== undefined;
  const working = !trained || pendingStages(prepared, finished).length > 0;
  if (working) await folder.writeManifest(await manifestOf(prepared, options, folder.folder, trained));
  const run = {
    folder: folder.folder,
    name: `${pipeline.name}/${identity.id}`,
    step: working ? await readSavedStep(folder.folder) : 0,
    now: Date.now,
  };
  // A run that is finished logs nothing.
  const loggers = working ? prepared.composition.loggers : [];
  const location = (index: number): Location => cell.location(['loggers', index]);
  await withLogs(loggers, run, location, async (logs) => {
    if (!trained) await train(prepared, options, folder, logs, phase);
    await runStages(prepared, options, folder, logs, phase);
  });
  await folder.finishRun();
  return readRun(folder.folder);
}

async function train(
  prepared: PreparedRun,
  options: RunOptions,
  folder: RunFolder,
  logs: RunLogs,
  phase: (what: string) => string,
): Promise<void> {
  const { pipeline } = prepared.cell;
  const { signal, onProgress } = options;
  const onStep: Training['onStep'] = (done, total, metrics) =>
    onProgress({ phase: phase('pretrain'), done, total, ...(metrics && { metrics }) });
  await timed(folder, 'pretrain', async (within) => {
    const monitor = openMonitor(prepared, options, { folder, logs, phase, timed: within });
    try {
      await pretrain({ ...prepared, ...pipeline.train, seed: pipeline.seed, signal, logs, monitor, onStep }, folder);
    } finally {
      monitor.dispose();
    }
  });
  await folder.markFinished('pretrain', prepared.identity.trainingFingerprint);
}

/** What the run is made with. A run that goes on keeps what it began with, and lists the sessions since. */
async function manifestOf(
  { engine, cell, plugins, composition }: PreparedRun,
  { version, onNote }: RunOptions,
  path: string,
  trained: boolean,
): Promise<RunRecord['manifest']> {
  const facts = describeRun({
    version,
    engine: engine.info,
    plugins: plugins.map(({ name, version = 'unknown' }) => ({ name, version })),
    data: { name: composition.dataset.name, fingerprint: composition.dataset.fingerprint },
    seed: cell.pipeline.seed,
    cell: cell.cell,
    label: cell.label,
    now: new Date(),
  });
  const { manifest: before, metrics } = await readRun(path);
  if (metrics.length === 0) return facts;
  const [began, now] = [JSON.stringify(before['engine']), JSON.stringify(engine.info)];
  if (began !== now && !trained)
    onNote(`The run began with the engine ${began} and goes on with ${now}: its bytes will differ.`);
  const sessions = Array.isArray(before['sessions']) ? (before['sessions'] as readonly unknown[]) : [];
  return { ...before, sessions: [...sessions, { engine: engine.info, ssql: version, date: facts['date'] }] };
}
