import { join } from 'node:path';
import { isMonitorMetrics, readMetrics } from './metrics-files.js';
import { readPictures } from './read-pictures.js';
import { runNotFound } from './artifact-errors.js';
import type { RunRecord, StepMetrics } from '../kinds/run-record.js';
import {
  readEvaluations,
  readIfThere,
  readAssignments,
  readCosts,
  readManifest,
  readPipelineValues,
  readTimings,
  readWeights,
  RUN_FILES,
} from './run-files.js';

/** Reads a run from its folder. @throws SsqlError RUN_NOT_FOUND, RUN_CORRUPT, CHECKPOINT_CORRUPT */
export async function readRun(folder: string): Promise<RunRecord> {
  const pipeline = await readIfThere(join(folder, RUN_FILES.pipeline));
  if (pipeline === undefined) throw runNotFound(folder);
  await readPipelineValues(folder);
  const manifest = await readManifest(folder);
  const label = typeof manifest['label'] === 'string' ? manifest['label'] : '';
  const lines = await readMetrics(folder);
  return {
    folder,
    cell: (manifest['cell'] ?? {}) as RunRecord['cell'], // written by describeRun
    label,
    group: typeof manifest['group'] === 'string' ? manifest['group'] : label || 'run',
    quantized: manifest['quantized'] !== false,
    pipeline: pipeline.toString(),
    manifest,
    metrics: lines.filter((line): line is StepMetrics => !isMonitorMetrics(line)),
    monitored: lines.filter(isMonitorMetrics),
    evaluations: await readEvaluations(folder),
    assignments: await readAssignments(folder),
    costs: await readCosts(folder),
    weights: await readWeights(folder),
    pictures: await readPictures(folder),
    timings: await readTimings(folder),
  };
}
