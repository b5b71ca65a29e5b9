import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measurement, Network, StepOptions } from './bench.js';

export interface OwnMeasurement extends Measurement {
  /** Of each step, after the warm-up. */
  readonly seconds: readonly number[];
  /** Resident memory as training went on. */
  readonly memory: readonly { readonly step: number; readonly residentBytes: number }[];
}

/** What is trained. */
export interface Trained {
  readonly network: Network;
  /** As a pipeline writes it; SimSiam where it is left out. */
  readonly method?: object;
  /** SSQL where it is left out. */
  readonly wrapper?: 'none' | 'ssql';
}

/** Measures our training step in a process of its own. */
export async function measureOurs(options: StepOptions, trained: Trained): Promise<OwnMeasurement> {
  const { batch, steps, threads, log } = options;
  log(`ssql: ${steps} steps of ${batch} images on ${threads} threads`);
  const { stdout } = await promisify(execFile)(process.execPath, commandLine(options, trained));
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as OwnMeasurement; // the script's last line
}

/** The arguments of Node for a process that trains some steps and prints what they cost. */
export function commandLine(
  { batch, steps, threads }: StepOptions,
  { network, method, wrapper = 'ssql' }: Trained,
): readonly string[] {
  const script = join(import.meta.dirname, 'ours', 'run-steps.ts');
  const given = { network, batch, steps, threads, wrapper, ...(method && { method: JSON.stringify(method) }) };
  return ['--import', 'tsx', script, ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)])];
}

/** What is compared. */
export function summary({ secondsPerStep, imagesPerSecond, peakBytes }: OwnMeasurement): Measurement {
  return { secondsPerStep, imagesPerSecond, peakBytes };
}
