import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measurement, StepOptions } from './bench.js';

export interface OwnMeasurement extends Measurement {
  /** Resident memory as training went on. */
  readonly memory: readonly { readonly step: number; readonly residentBytes: number }[];
}

/** Measures our training step in a process of its own. */
export async function measureOurs(
  { batch, steps, threads, log }: StepOptions,
  network: 'resnet18' | 'small',
): Promise<OwnMeasurement> {
  log(`ssql: ${steps} steps of ${batch} images on ${threads} threads`);
  const script = join(import.meta.dirname, 'ours', 'run-steps.ts');
  const options = Object.entries({ network, batch, steps, threads }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...options]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as OwnMeasurement; // the script's last line
}
