import { readResults } from './results.js';
import { readManifest, readPipeline } from './run-files.js';
import type { Evaluation, RunRecord } from '../kinds/run-record.js';

/** The differences of two runs, and their evaluations side by side. */
export interface RunComparison {
  /** Differences of the resolved pipelines. */
  readonly pipeline: readonly Difference[];
  /** Differences of the environment: versions, engine, data, machine. */
  readonly manifest: readonly Difference[];
  readonly evaluations: readonly ComparedEvaluation[];
}

/** A value that differs between two runs; omitted for a run that lacks it. */
export interface Difference {
  readonly path: string;
  readonly a?: unknown;
  readonly b?: unknown;
}

export interface ComparedEvaluation extends Omit<Evaluation, 'value'> {
  readonly a?: number;
  readonly b?: number;
  /** b - a. */
  readonly difference?: number;
}

/** Keys of the manifest that describe the environment of a run. The other keys identify the run. */
const ENVIRONMENT = ['ssql', 'node', 'plugins', 'engine', 'data', 'machine'];

/**
 * Compares the runs in two folders.
 * @param onNote is told of files that do not hold a run's results
 * @throws SsqlError RUN_CORRUPT
 */
export async function compareRuns(
  folderA: string,
  folderB: string,
  onNote: (line: string) => void,
): Promise<RunComparison> {
  const [a, b] = await Promise.all([read(folderA, onNote), read(folderB, onNote)]);
  return {
    pipeline: differences(a.pipeline, b.pipeline),
    manifest: ENVIRONMENT.flatMap((key) => differences(a.manifest[key], b.manifest[key], key)),
    evaluations: compareEvaluations(a.evaluations, b.evaluations),
  };
}

async function read(
  folder: string,
  onNote: (line: string) => void,
): Promise<Pick<RunRecord, 'manifest' | 'evaluations'> & { pipeline: unknown }> {
  return {
    pipeline: await readPipeline(folder),
    manifest: await readManifest(folder),
    evaluations: (await readResults(folder, onNote)).evaluations,
  };
}

function differences(a: unknown, b: unknown, path = ''): Difference[] {
  if (isHolder(a) && isHolder(b) && Array.isArray(a) === Array.isArray(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  return [{ path, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) }];
}

/** Mappings, and lists of them; a list of plain values is one value. */
function isHolder(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) || value.some((item) => typeof item === 'object');
}

function compareEvaluations(first: readonly Evaluation[], second: readonly Evaluation[]): ComparedEvaluation[] {
  const compared = new Map<string, ComparedEvaluation>();
  const add = (side: 'a' | 'b', { value, ...measurement }: Evaluation): void => {
    const key = JSON.stringify([measurement.stage, measurement.classifier, measurement.metric, measurement.precision]);
    compared.set(key, { ...measurement, ...compared.get(key), [side]: value });
  };
  first.forEach((evaluation) => add('a', evaluation));
  second.forEach((evaluation) => add('b', evaluation));
  return [...compared.values()].map((pair) =>
    pair.a === undefined || pair.b === undefined ? pair : { ...pair, difference: pair.b - pair.a },
  );
}
