import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describeRun } from '../artifact/manifest.js';
import { readRun } from '../artifact/read-run.js';
import { openRunFolder, type RunFolder } from '../artifact/run-folder.js';
import { runId } from '../artifact/run-name.js';
import type { RunRecord, StepMetrics } from '../artifact/run-record.js';
import { composeRun, type Composition } from '../container/compose.js';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';
import { batchTooLarge, runOutdated, SsqlError, withPlace } from '../errors.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { evaluationFeatures, type EvaluationFeatures } from './evaluation-features.js';
import { assembleModel, type Model } from './model.js';
import { pretrain } from './pretrain.js';
import type { Stage, StageContext } from './stage.js';
import { restoreState } from './training-state.js';
import { prepareViews, type Views } from './views.js';

export interface RunOptions {
  /** Holds a folder for each pipeline, which holds one for each of its runs. */
  readonly folder: string;
  /** Goes on with runs that were stopped. */
  readonly resume: boolean;
  /** Starts anew, and removes what was there. */
  readonly fresh: boolean;
  /** Of ssql, for the manifest. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** How far the work is. */
  readonly onProgress: (progress: RunProgress) => void;
  /** A line that a person should read. */
  readonly onNote: (line: string) => void;
}

export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly metrics?: StepMetrics;
}

export interface PipelineResult {
  /** The folder that holds the runs, and what stages wrote about all of them. */
  readonly folder: string;
  readonly runs: readonly RunRecord[];
}

/**
 * Runs a pipeline: for each cell of its matrix pretraining, then its stages; at the end the stages that look at all runs. A phase that
 * was finished, and of which nothing that it depends on changed, is not run again.
 * @throws SsqlError of what fails; before the first step where it can be known then. What was saved stays.
 */
export async function runPipeline(loaded: LoadedPipeline, options: RunOptions): Promise<PipelineResult> {
  const folder = join(options.folder, loaded.name);
  const engines = oneEngine(options.onNote);
  try {
    for (const cell of loaded.cells) await prepare(await engines.open(cell.pipeline), loaded, cell);
    const runs: RunRecord[] = [];
    for (const [index, cell] of loaded.cells.entries()) {
      const engine = await engines.open(cell.pipeline);
      const label = loaded.cells.length > 1 ? `${index + 1}/${loaded.cells.length} ${cell.label}` : '';
      runs.push(await runCell(await prepare(engine, loaded, cell), options, folder, label));
    }
    const [first] = loaded.cells;
    if (first) await reportOn(runs, await prepare(await engines.open(first.pipeline), loaded, first), options, folder);
    return { folder, runs };
  } finally {
    engines.close();
  }
}

/** A cell, ready to run. */
interface Prepared {
  readonly engine: Engine;
  readonly cell: LoadedCell;
  readonly plugins: LoadedPipeline['registry']['packages'];
  readonly composition: Composition;
  readonly views: Views;
  readonly model: Model;
}

/** Makes everything that a cell needs and checks it. */
async function prepare(engine: Engine, loaded: LoadedPipeline, cell: LoadedCell): Promise<Prepared> {
  const { pipeline } = cell;
  const place = cell.place;
  const composition = await composeRun(pipeline, loaded.registry, { tf: engine.tf, folder: loaded.folder, place });
  const { dataset, augmentations, optimizer } = composition;
  const { batch } = pipeline.train;
  if (batch > dataset.train.size) throw batchTooLarge(batch, dataset.train.size, place(['train', 'batch']));
  const views = prepareViews(engine.tf, augmentations, dataset.shape, (index) => place(['augment', index]));
  try {
    const model = assembleModel(composition, [batch, ...views.shape], place);
    const trained = model.parameters.filter(({ frozen }) => !frozen).map(({ name }) => name);
    checked(() => optimizer.check?.(trained), cell, 'optimizer');
    return { engine, cell, plugins: loaded.registry.packages, composition, views, model };
  } catch (error) {
    throw error instanceof SsqlError && error.code === 'NETWORK_INVALID'
      ? withPlace(error, place(['backbone']))
      : error;
  }
}

function checked(check: () => void, cell: LoadedCell, key: string): void {
  try {
    check();
  } catch (error) {
    throw error instanceof SsqlError ? withPlace(error, cell.place([key])) : error;
  }
}

async function runCell(prepared: Prepared, options: RunOptions, parent: string, label: string): Promise<RunRecord> {
  const { cell, composition } = prepared;
  const { pipeline } = cell;
  const path = join(parent, runId(cell.label, trainingYaml(pipeline)));
  const folder = await openRunFolder(path, options);
  const trainedFrom = hash([trainingYaml(pipeline), composition.dataset.fingerprint]);
  const finished = await folder.finishedPhases();
  // The folder is named by how the run is trained, but other data may lie under the same path.
  if ((finished['pretrain'] ?? trainedFrom) !== trainedFrom) throw runOutdated(path);
  await folder.writePipeline(cell.yaml);
  const phase = (what: string): string => (label === '' ? what : `${label}: ${what}`);

  if (finished['pretrain'] === undefined) {
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

interface StageRunning {
  readonly trainedFrom: string;
  readonly phase: (what: string) => string;
}

/** Runs the stages of a cell that are not finished. The trained weights are read back only if there is one. */
async function runStages(
  prepared: Prepared,
  options: RunOptions,
  folder: RunFolder,
  { trainedFrom, phase }: StageRunning,
): Promise<void> {
  const { engine, cell, composition, model } = prepared;
  const { pipeline } = cell;
  let state: ReturnType<typeof restoreState> | undefined;
  let features: EvaluationFeatures | undefined;
  const evaluated = async (): Promise<EvaluationFeatures> => {
    const checkpoint = await folder.loadCheckpoint();
    state ??= restoreState(engine, model, composition.optimizer, checkpoint?.tensors ?? []);
    return (features ??= evaluationFeatures({
      ...prepared,
      dataset: composition.dataset,
      state,
      seed: pipeline.seed,
      calibration: pipeline.evaluation.calibration,
      signal: options.signal,
      progress: (message, done, total) => options.onProgress({ phase: phase(message), done, total }),
    }));
  };
  try {
    const finished = await folder.finishedPhases();
    for (const [index, { name, stage }] of composition.stages.entries()) {
      if (stage.scope !== 'run') continue;
      const id = `stage ${index} ${name}`;
      const fingerprint = hash([trainedFrom, pipeline.evaluation, pipeline.stages[index]]);
      if (finished[id] === fingerprint) continue;
      const context: StageContext = {
        ...stageSurroundings(prepared, options, phase),
        features: async (precision) => (await evaluated()).at(precision),
        record: (evaluations) => folder.recordEvaluations(evaluations),
        runs: [],
        folder: folder.folder,
      };
      await timed(folder, phaseName(composition.stages, index), () => stage.run(context));
      await folder.markFinished(id, fingerprint);
    }
  } finally {
    features?.dispose();
    engine.tf.dispose(state ?? {});
  }
}

/** Runs the stages that look at all runs. */
async function reportOn(
  runs: readonly RunRecord[],
  prepared: Prepared,
  options: RunOptions,
  folder: string,
): Promise<void> {
  for (const { name, stage } of prepared.composition.stages) {
    if (stage.scope !== 'pipeline') continue;
    const refuse = (): never => {
      throw new SsqlError(
        'STAGE_INVALID',
        `The stage ${name} looks at all runs: it has no features or records of one.`,
      );
    };
    await stage.run({
      ...stageSurroundings(prepared, options, (what) => what),
      features: async () => refuse(),
      record: async () => refuse(),
      runs,
      folder,
    });
  }
}

function stageSurroundings(
  { engine, cell, composition }: Prepared,
  { signal, onProgress }: RunOptions,
  phase: (what: string) => string,
): Pick<StageContext, 'engine' | 'dataset' | 'seed' | 'progress' | 'signal'> {
  return {
    engine,
    dataset: composition.dataset,
    seed: cell.pipeline.seed,
    progress: (message, done, total) => onProgress({ phase: phase(message), done, total }),
    signal,
  };
}

/** A stage's name, numbered where a pipeline uses it more than once. */
function phaseName(stages: readonly { readonly name: string; readonly stage: Stage }[], index: number): string {
  const name = stages[index]?.name ?? '';
  const before = stages.slice(0, index).filter((other) => other.name === name).length;
  return before === 0 ? name : `${name} ${before + 1}`;
}

/** Adds the time of a phase, also of one that is stopped and goes on later. */
async function timed(folder: RunFolder, phase: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  try {
    await work();
  } finally {
    await folder.addTiming(phase, (performance.now() - began) / 1000);
  }
}

/** What training depends on; stages can be added to a run that is trained. */
function trainingYaml({ stages: _stages, evaluation: _evaluation, engine: _engine, ...training }: Pipeline): string {
  return stringify(training, { aliasDuplicateObjects: false, sortMapEntries: true });
}

function manifestOf({ engine, cell, plugins, composition }: Prepared, { version }: RunOptions): RunRecord['manifest'] {
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

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The one engine of the process, opened anew where a matrix asks for another. */
function oneEngine(note: (line: string) => void): {
  open(pipeline: Pipeline): Promise<Engine>;
  close(): void;
} {
  let current: { readonly settings: string; readonly engine: Engine } | undefined;
  const close = (): void => {
    current?.engine.close();
    current = undefined;
  };
  return {
    async open({ engine: wanted }) {
      const settings = JSON.stringify(wanted);
      if (current?.settings === settings) return current.engine;
      close();
      current = { settings, engine: await openEngine(wanted, note) };
      return current.engine;
    },
    close,
  };
}
