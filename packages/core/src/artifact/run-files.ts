import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SsqlError } from '../errors.js';
import { runCorrupt } from './artifact-errors.js';
import type { Evaluation, MonitorMetrics, NamedWeights, StepMetrics } from '../kinds/run-record.js';
import type { StoredEvaluation } from './stage-results.js';
import { decodeSafetensors, type SafetensorsFile } from './safetensors.js';

/** The files of a run's folder. */
export const RUN_FILES = {
  pipeline: 'pipeline.yaml',
  manifest: 'manifest.json',
  metrics: 'metrics.ndjson',
  evaluations: 'evaluation.json',
  assignments: 'bit-assignments.json',
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

/** The bytes of a file; undefined if it does not exist. */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The content of a JSON file of a run; `empty` if the file does not exist. @throws SsqlError RUN_CORRUPT */
export async function readJson<T>(file: string, empty: T): Promise<T> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return empty;
  try {
    return JSON.parse(bytes.toString()) as T; // only ssql writes these files
  } catch (cause) {
    throw runCorrupt(`${file} is not valid JSON`, cause);
  }
}

/** The results of the stages that the pipeline has. */
export async function readEvaluations(folder: string): Promise<readonly Evaluation[]> {
  const all = await readJson<readonly StoredEvaluation[]>(join(folder, RUN_FILES.evaluations), []);
  return all.filter(({ earlier = false }) => !earlier);
}

/** The lines of metrics.ndjson, without a last line that a crash truncated. @throws SsqlError RUN_CORRUPT */
export async function readMetrics(folder: string): Promise<readonly (StepMetrics | MonitorMetrics)[]> {
  const file = join(folder, RUN_FILES.metrics);
  const lines = ((await readIfThere(file))?.toString() ?? '').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      // JSON has neither NaN nor infinity: both are written as null.
      return JSON.parse(line, (_, value: unknown) => (value === null ? NaN : value)) as StepMetrics | MonitorMetrics;
    } catch (cause) {
      throw runCorrupt(`Line ${index + 1} of ${file} is not valid JSON`, cause);
    }
  });
}

/** Whether a line comes from the monitor rather than from a step. */
export function isMonitorMetrics(line: StepMetrics | MonitorMetrics): line is MonitorMetrics {
  return 'evaluations' in line;
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
