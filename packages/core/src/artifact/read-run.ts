import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMonitorMetrics, readMetrics } from './metrics-files.js';
import { readPictures } from './read-pictures.js';
import { runNotFound } from './artifact-errors.js';
import type { RunRecord, StepMetrics } from '../kinds/run-record.js';
import { readResults } from './results.js';
import { readManifest, readPipeline, readTimings, readWeights, RUN_FILES } from './run-files.js';

/**
 * Reads a run from its folder.
 * @param onNote is told of files that do not hold the run's results
 * @throws SsqlError RUN_NOT_FOUND, RUN_CORRUPT, CHECKPOINT_CORRUPT
 */
export async function readRun(folder: string, onNote: (line: string) => void = () => undefined): Promise<RunRecord> {
  if (!existsSync(join(folder, RUN_FILES.pipeline))) throw runNotFound(folder);
  const pipeline = await readPipeline(folder);
  const manifest = await readManifest(folder);
  const label = typeof manifest['label'] === 'string' ? manifest['label'] : '';
  const lines = await readMetrics(folder);
  return {
    folder,
    cell: (manifest['cell'] ?? {}) as RunRecord['cell'], // written by describeRun
    label,
    group: typeof manifest['group'] === 'string' ? manifest['group'] : label || 'run',
    quantized: manifest['quantized'] !== false,
    pipeline: pipeline.text,
    manifest,
    metrics: lines.filter((line): line is StepMetrics => !isMonitorMetrics(line)),
    monitored: lines.filter(isMonitorMetrics),
    ...(await readResults(folder, onNote)),
    weights: await readWeights(folder),
    pictures: await readPictures(folder),
    timings: await readTimings(folder),
  };
}
