import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SsqlError } from '../errors.js';
import { parseYaml } from '../parse-yaml.js';
import { refuseSpecialFile } from '../regular-file.js';
import { ofAnotherTraining, runCorrupt } from './artifact-errors.js';
import { verified, verifiedText } from './checksum.js';
import type { NamedWeights, RunRecord } from '../kinds/run-record.js';
import { UNSTARTED, type Progress } from './progress.js';
import { isAssignments, isCosts, isManifest, isPipeline, isProgress, isTimings, type HasShape } from './run-shapes.js';
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

/** The key of the metadata of weights and checkpoints that holds the fingerprint of the training. */
export const TRAINING = 'ssql.training';

/** Its kernel lock says that a process uses the run. */
export const LOCK = 'lock';

/** The bytes of a file; undefined if it cannot exist or does not. @throws SsqlError RUN_CORRUPT if it cannot be read */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    refuseSpecialFile(file);
    return await readFile(file);
  } catch (error) {
    if (error instanceof SsqlError) throw runCorrupt(error.message.slice(0, -1), error);
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

/** The same of an object, without its checksum. */
async function readVerified<T>(file: string, empty: T, hasShape: HasShape): Promise<T> {
  const value = await readJson<T>(file, empty, hasShape);
  return value === empty ? empty : (verified(file, value as { readonly [key: string]: unknown }) as T); // shapes are objects
}

/** The text of a JSON file of a run. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function parseJson(text: string, name: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    throw runCorrupt(`${name} is not valid JSON`, cause);
  }
}

/** The manifest of a run that has begun. @throws SsqlError RUN_CORRUPT */
export async function readManifest(folder: string): Promise<RunRecord['manifest']> {
  const manifest = await readManifestIfThere(folder);
  return manifest ?? missing(join(folder, RUN_FILES.manifest));
}

export function readManifestIfThere(folder: string): Promise<RunRecord['manifest'] | undefined> {
  return readVerified<RunRecord['manifest'] | undefined>(join(folder, RUN_FILES.manifest), undefined, isManifest);
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
  return readVerified<Progress>(join(folder, RUN_FILES.finished), UNSTARTED, isProgress);
}

/** A run's resolved pipeline, without the checksum in its first line. @throws SsqlError RUN_CORRUPT */
export async function readPipeline(folder: string): Promise<{ readonly text: string; readonly values: RunPipeline }> {
  const file = join(folder, RUN_FILES.pipeline);
  const text = verifiedText(file, ((await readIfThere(file)) ?? missing(file)).toString());
  let values: unknown;
  try {
    values = parseYaml(text);
  } catch (cause) {
    throw runCorrupt(`${file} cannot be read`, cause);
  }
  if (!isPipeline(values)) throw runCorrupt(`${file} does not hold the pipeline that ssql writes there`, undefined);
  return { text, values: values as RunPipeline };
}

function missing(file: string): never {
  throw runCorrupt(`${file} is missing`, undefined);
}

/** What summaries and reports read of a pipeline. */
interface RunPipeline {
  readonly name: string;
  readonly seed?: unknown;
  readonly method: { readonly use: string };
  readonly train: { readonly epochs: number };
}

/** The lines of a file of JSON, without a last line that a crash truncated. @throws SsqlError RUN_CORRUPT */
export function parseLines<T>(file: string, bytes: Uint8Array, hasShape: HasShape): readonly T[] {
  const lines = Buffer.from(bytes).toString().split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const name = `Line ${index + 1} of ${file}`;
    // JSON has neither NaN nor infinity: both are written as null.
    const value = parseJson(line, name, (_, item: unknown) => (item === null ? NaN : item));
    if (!hasShape(value)) throw runCorrupt(`${name} does not hold what ssql writes there`, undefined);
    return value as T;
  });
}

/** The weights of a run; none before it is trained. @throws SsqlError CHECKPOINT_CORRUPT, RUN_CORRUPT with the name of the file */
export async function readWeights(folder: string): Promise<readonly NamedWeights[]> {
  const path = join(folder, RUN_FILES.weights);
  const file = await readSafetensors(path);
  checkTraining(path, file?.metadata[TRAINING], await readProgress(folder));
  return (file?.tensors ?? []).flatMap(({ name, shape, dtype, values }) =>
    dtype === 'F32' ? [{ name, shape, values }] : [],
  );
}

/**
 * Checks that weights or a checkpoint are those of the run in whose folder they are.
 * @param training the fingerprint in the file; older files have none
 * @throws SsqlError RUN_CORRUPT
 */
export function checkTraining(file: string, training: string | undefined, { trainingFingerprint }: Progress): void {
  if (training !== undefined && trainingFingerprint !== undefined && training !== trainingFingerprint)
    throw ofAnotherTraining(file);
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
