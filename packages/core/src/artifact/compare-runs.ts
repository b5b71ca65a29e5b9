import { evaluationKey } from './distinct-evaluations.js';
import { readResults } from './results.js';
import { readManifest, readPipeline } from './run-files.js';
import type { Evaluation, RunRecord } from '../kinds/run-record.js';

/** The differences of runs, and their evaluations side by side. Runs are named by letters, in order: `a`, `b`. */
export interface RunComparison {
  /** Differences of the resolved pipelines. */
  readonly pipeline: readonly Difference[];
  /** Differences of the environment: versions, engine, data, machine. */
  readonly manifest: readonly Difference[];
  readonly evaluations: readonly ComparedEvaluation[];
}

/** A value that differs between runs: `{ path: 'train.epochs', a: 30, b: 60 }`; omitted for a run that lacks it. */
export type Difference = { readonly path: string } & { readonly [run: string]: unknown };

export interface ComparedEvaluation extends Omit<Evaluation, 'value'> {
  /** By run. */
  readonly values: { readonly [run: string]: number };
  /** The values of the other runs minus that of the first. */
  readonly differences: { readonly [run: string]: number };
}

/** Keys of the manifest that describe the environment of a run. The other keys identify the run. */
const ENVIRONMENT = ['ssql', 'node', 'plugins', 'engine', 'data', 'machine'];

/** The name of a run in a comparison, by its position: `a`, `b`, ..., `z`, `r27`. */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode('a'.charCodeAt(0) + index) : `r${index + 1}`;
}

/**
 * Compares the runs in folders.
 * @param onNote is told of files that do not hold a run's results
 * @throws SsqlError RUN_CORRUPT
 */
export async function compareRuns(folders: readonly string[], onNote: (line: string) => void): Promise<RunComparison> {
  const runs = await Promise.all(folders.map((folder) => read(folder, onNote)));
  return {
    pipeline: differences(runs.map(({ pipeline }) => pipeline)),
    manifest: ENVIRONMENT.flatMap((key) =>
      differences(
        runs.map(({ manifest }) => manifest[key]),
        key,
      ),
    ),
    evaluations: compareEvaluations(runs.map(({ evaluations }) => evaluations)),
  };
}

async function read(
  folder: string,
  onNote: (line: string) => void,
): Promise<Pick<RunRecord, 'manifest' | 'evaluations'> & { pipeline: unknown }> {
  return {
    pipeline: (await readPipeline(folder)).values,
    manifest: await readManifest(folder),
    evaluations: (await readResults(folder, onNote)).evaluations,
  };
}

function differences(values: readonly unknown[], path = ''): Difference[] {
  const holders = values.filter(isHolder);
  if (holders.length === values.length && new Set(holders.map(Array.isArray)).size === 1) {
    const keys = [...new Set(holders.flatMap(Object.keys))];
    return keys.flatMap((key) =>
      differences(
        holders.map((value) => value[key]),
        path === '' ? key : `${path}.${key}`,
      ),
    );
  }
  if (new Set(values.map((value) => JSON.stringify(value))).size === 1) return [];
  const known = values.flatMap((value, index) => (value === undefined ? [] : [[letterOf(index), value] as const]));
  return [{ path, ...Object.fromEntries(known) }];
}

/** Mappings, and lists of them; a list of plain values is one value. */
function isHolder(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) || value.some((item) => typeof item === 'object');
}

function compareEvaluations(runs: readonly (readonly Evaluation[])[]): ComparedEvaluation[] {
  const compared = new Map<string, Omit<ComparedEvaluation, 'differences'>>();
  for (const [index, evaluations] of runs.entries()) {
    for (const { value, ...measurement } of evaluations) {
      const key = evaluationKey(measurement);
      const { values, ...first } = compared.get(key) ?? { ...measurement, values: {} };
      compared.set(key, { ...first, values: { ...values, [letterOf(index)]: value } });
    }
  }
  const first = letterOf(0);
  return [...compared.values()].map((evaluation) => {
    const { [first]: base, ...others } = evaluation.values;
    const apart = base === undefined ? [] : Object.entries(others).map(([run, value]) => [run, value - base] as const);
    return { ...evaluation, differences: Object.fromEntries(apart) };
  });
}
