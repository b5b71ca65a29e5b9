import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SsqlError } from '../errors.js';
import { checkpointCorrupt } from './artifact-errors.js';
import type { WrittenMetrics } from './metrics-files.js';
import { readSafetensors, RUN_FILES, TRAINING } from './run-files.js';
import { encodeSafetensors, type StoredTensor } from './safetensors.js';
import { writeAtomic, writeError } from './write-atomic.js';

/** The state of training after a step. */
export interface Checkpoint {
  readonly epoch: number;
  readonly step: number;
  readonly tensors: readonly StoredTensor[];
  /** The fingerprint of everything that the training depends on. Older checkpoints do not tell. */
  readonly training?: string | undefined;
  /** The metrics before it. Older checkpoints do not tell. */
  readonly metrics?: WrittenMetrics | undefined;
}

/** Writes a checkpoint of the run in a folder, and keeps the one before. @throws SsqlError DISK_FULL, NOT_WRITABLE */
export async function writeCheckpoint(
  folder: string,
  { epoch, step, tensors, training, metrics }: Checkpoint,
): Promise<void> {
  const [last, previous] = filesIn(folder);
  const bytes = encodeSafetensors(tensors, {
    ...{ epoch: String(epoch), step: String(step) },
    ...(training !== undefined && { [TRAINING]: training }),
    ...(metrics && { 'metrics.bytes': String(metrics.bytes), 'metrics.sha256': metrics.sha256 }),
  });
  // Until the new one is written, the one before is the last.
  if (existsSync(last))
    await rename(last, previous).catch((error: unknown) => {
      throw writeError(previous, error);
    });
  await writeAtomic(last, bytes);
}

/**
 * The last checkpoint of the run in a folder that is not damaged; undefined if none was saved.
 * @param onNote is told that the last one is damaged
 * @throws SsqlError CHECKPOINT_CORRUPT if there is no other
 */
export async function readCheckpoint(
  folder: string,
  onNote: (line: string) => void = () => undefined,
): Promise<Checkpoint | undefined> {
  const [last, previous] = filesIn(folder);
  try {
    return (await readFrom(last)) ?? (await readFrom(previous));
  } catch (error) {
    if (!(error instanceof SsqlError) || !existsSync(last)) throw error;
    const before = await readFrom(previous).catch(() => undefined);
    if (before === undefined) throw error;
    onNote(`${error.message} The checkpoint before it is used, of step ${before.step}.`);
    return before;
  }
}

/** Whether a run has a checkpoint, be it damaged. */
export function hasCheckpoint(folder: string): boolean {
  return filesIn(folder).some((file) => existsSync(file));
}

function filesIn(folder: string): [last: string, previous: string] {
  return [join(folder, RUN_FILES.checkpoint), join(folder, RUN_FILES.previous)];
}

async function readFrom(path: string): Promise<Checkpoint | undefined> {
  const file = await readSafetensors(path);
  if (file === undefined) return undefined;
  const [epoch, step] = [Number(file.metadata['epoch']), Number(file.metadata['step'])];
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(step))
    throw checkpointCorrupt(`${path} lacks its epoch and step`);
  const { [TRAINING]: training, 'metrics.bytes': bytes, 'metrics.sha256': sha256 } = file.metadata;
  const metrics = sha256 === undefined ? {} : { metrics: { bytes: Number(bytes), sha256 } };
  return { epoch, step, tensors: file.tensors, ...(training !== undefined && { training }), ...metrics };
}
