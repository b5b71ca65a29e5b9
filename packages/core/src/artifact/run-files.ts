import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SsqlError } from '../errors.js';
import { runCorrupt } from './artifact-errors.js';
import type { Evaluation, NamedWeights, RunRecord } from '../kinds/run-record.js';
import type { StoredEvaluation } from './stage-results.js';
import { UNSTARTED, type Progress } from './progress.js';
import {
  isAssignments,
  isCosts,
  isEvaluations,
  isManifest,
  isPipeline,
  isProgress,
  isTimings,
  type HasShape,
} from './run-shapes.js';
import { decodeSafetensors, type SafetensorsFile } from './safetensors.js';

/** The files of a run's folder. */
export const RUN_FILES = {
  pipeline: 'pipeline.yaml',
  manifest: 'manifest.json',
  metrics: 'metrics.ndjson',
  speed: 'speed.ndjson',
  evaluations: 'evaluation.json',
  assignments: 'bit-assignments.json',
  costs: 'costs.json',
  timings: 'timings.json',
  finished: 'finished.json',
  checkpoints: 'checkpoints',
  checkpoint: join('checkpoints', 'last.safetensors'),
  previous: join('checkpoints', 'previous.safetensors'),
  weights: 'weights.safetensors',
  report: 'report.html',
} as const;

/** Its kernel lock says that a process uses the run. */
export const LOCK = 'lock';

/** The bytes of a file; undefined if it cannot exist or does not. @throws SsqlError RUN_CORRUPT if it cannot be read */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return undefined;
    throw runCorrupt(`${file} cannot be read (${code})`, error);
  }
}

/**
 * The content of a JSON file of a run; `empty` if the file does not exist.
 * @param hasShape whether a value is a `T`, as far as readers need
 * @throws SsqlError RUN_CORRUPT
 */
async function readJson<T>(file: string, empty: T, hasShape: HasShape): Promise<T> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return empty;
  const value = parseJson(bytes.toString(), file);
  if (!hasShape(value)) throw runCorrupt(`${file} is valid JSON, but does not hold what ssql writes there`, undefined);
  return value as T;
}

function parseJson(text: string, name: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    throw runCorrupt(`${name} is not valid JSON`, cause);
  }
}

export function readManifest(folder: string): Promise<RunRecord['manifest']> {
  return readJson<RunRecord['manifest']>(join(folder, RUN_FILES.manifest), {}, isManifest);
}

export function readTimings(folder: string): Promise<RunRecord['timings']> {
  return readJson<RunRecord['timings']>(join(folder, RUN_FILES.timings), {}, isTimings);
}

export function readAssignments(folder: string): Promise<RunRecord['assignments']> {
  return readJson<RunRecord['assignments']>(join(folder, RUN_FILES.assignments), {}, isAssignments);
}

export function readCosts(folder: string): Promise<RunRecord['costs']> {
  return readJson<RunRecord['costs']>(join(folder, RUN_FILES.costs), {}, isCosts);
}

/** The progress of the run in a folder; empty if it has not started. @throws SsqlError RUN_CORRUPT */
export function readProgress(folder: string): Promise<Progress> {
  return readJson<Progress>(join(folder, RUN_FILES.finished), UNSTARTED, isProgress);
}

/** The resolved pipeline of a run, as far as summaries read it. @throws SsqlError RUN_CORRUPT */
export async function readPipeline(folder: string): Promise<RunPipeline> {
  const pipeline = await readPipelineValues(folder);
  if (!isPipeline(pipeline))
    throw runCorrupt(
      `${join(folder, RUN_FILES.pipeline)} does not hold the pipeline that ssql writes there`,
      undefined,
    );
  return pipeline as RunPipeline;
}

/** What the YAML of a run's resolved pipeline says. @throws SsqlError RUN_CORRUPT */
export async function readPipelineValues(folder: string): Promise<unknown> {
  const file = join(folder, RUN_FILES.pipeline);
  try {
    return parse(await readFile(file, 'utf8')) as unknown;
  } catch (cause) {
    throw runCorrupt(`${file} cannot be read`, cause);
  }
}

/** What summaries read of a pipeline. */
interface RunPipeline {
  readonly name: string;
  readonly train: { readonly epochs: number };
}

/** The results of the stages that the pipeline has. */
export async function readEvaluations(folder: string): Promise<readonly Evaluation[]> {
  const all = await readJson<readonly StoredEvaluation[]>(join(folder, RUN_FILES.evaluations), [], isEvaluations);
  return all.filter(({ earlier = false }) => !earlier);
}

/** The lines of a file of JSON, without a last line that a crash truncated. @throws SsqlError RUN_CORRUPT */
export async function parseLines<T>(file: string, hasShape: HasShape): Promise<readonly T[]> {
  const lines = ((await readIfThere(file))?.toString() ?? '').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const name = `Line ${index + 1} of ${file}`;
    // JSON has neither NaN nor infinity: both are written as null.
    const value = parseJson(line, name, (_, item: unknown) => (item === null ? NaN : item));
    if (!hasShape(value)) throw runCorrupt(`${name} does not hold what ssql writes there`, undefined);
    return value as T;
  });
}

/** The weights of a run; none before it is trained. @throws SsqlError CHECKPOINT_CORRUPT with the name of the file */
export async function readWeights(folder: string): Promise<readonly NamedWeights[]> {
  const file = await readSafetensors(join(folder, RUN_FILES.weights));
  return (file?.tensors ?? []).flatMap(({ name, shape, dtype, values }) =>
    dtype === 'F32' ? [{ name, shape, values }] : [],
  );
}

/** A safetensors file; undefined if it does not exist. @throws SsqlError CHECKPOINT_CORRUPT with the name of the file */
export async function readSafetensors(file: string): Promise<SafetensorsFile | undefined> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return undefined;
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof SsqlError)) throw error;
    throw new SsqlError(error.code, `${file}: ${error.message}`, error.details);
  }
}
