import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { random } from '@ssql/core';

/** A pipeline of a second: forty images of noise, a network of four channels, and every kind of file that ssql writes. */
export const TINY = {
  name: 'tiny',
  seed: 3,
  engine: { use: 'wasm' },
  data: { use: 'cifar10', with: { root: 'data', batches: [1] } },
  augment: [{ use: 'normalize', with: { mean: [0.5, 0.5, 0.5], std: [0.3, 0.3, 0.3] } }],
  backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 4, width: 4, blocks: [1] } },
  method: { use: 'simsiam', with: { dim: 8, predictorHidden: 8 } },
  quantization: { wrap: 'ssql' },
  optimizer: { use: 'sgd', with: { lr: 0.05 } },
  train: { epochs: 3, batch: 20 },
  evaluation: { calibration: { samples: 20, batch: 20 } },
  loggers: ['csv', 'tensorboard'],
  monitor: { every: 2, stages: [{ use: 'knn', with: { precisions: ['w4a4'], k: 5 } }] },
  stages: [
    { use: 'linear-probe', with: { precisions: ['float', 'w2a4'], epochs: 2 } },
    { use: 'knn', with: { precisions: ['w4a4'], k: 5, classifier: 'float' } },
    'report',
  ],
} as const;

/** The bytes of a record of CIFAR-10: a label, and 32x32 pixels of three colours. */
export const RECORD = 3073;

/** Writes the pipeline and its images into a folder. */
export function writeTiny(folder: string): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'pipeline.yaml'), stringify(TINY));
  writeFileSync(join(folder, 'data', 'data_batch_1.bin'), noise(40));
  writeFileSync(join(folder, 'data', 'test_batch.bin'), noise(20));
}

function noise(records: number): Uint8Array {
  const source = random(records, 'noise');
  return Uint8Array.from({ length: records * RECORD }, (_, index) =>
    index % RECORD === 0 ? (index / RECORD) % 10 : source.integer(256),
  );
}

const COMMAND = fileURLToPath(new URL('../../packages/core/bin/ssql.js', import.meta.url));
const STOP_AT = new URL('stop-at.js', import.meta.url).href;

/** How a command ended. */
export interface Ended {
  /** `undefined` if a signal ended it. */
  readonly status: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly output: string;
}

/** Where a process ends: at the n-th operation that changes a file. */
export interface Stop {
  readonly at: number;
  readonly when: 'before' | 'within' | 'after';
}

export interface Command {
  readonly args: readonly string[];
  readonly stop?: Stop | undefined;
  /** A file for the list of operations that change files. */
  readonly list?: string;
  /** The process is killed after so many milliseconds. */
  readonly killAfter?: number | undefined;
  /** Commands of the shell before it, such as limits. */
  readonly prepare?: string;
}

/** A command that takes longer hangs. */
const LIMIT = 120_000;

/** Runs ssql in a folder, to its end. */
export function ssql(folder: string, { args, stop, list, killAfter = LIMIT, prepare = '' }: Command): Promise<Ended> {
  const faults = {
    SSQL_FAULT_FOLDER: join(folder, 'runs'),
    ...(stop && { SSQL_FAULT_AT: String(stop.at), SSQL_FAULT_WHEN: stop.when }),
    ...(list !== undefined && { SSQL_FAULT_LIST: list }),
  };
  const counted = stop !== undefined || list !== undefined ? ['--import', STOP_AT] : [];
  const child = spawn('sh', ['-c', `${prepare}\nexec "$@"`, 'sh', process.execPath, ...counted, COMMAND, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...faults },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ status: status ?? undefined, signal: signal ?? undefined, output });
    });
  });
}
