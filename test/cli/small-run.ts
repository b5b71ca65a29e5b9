import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

const COMMAND = fileURLToPath(new URL('../../packages/core/bin/ssql.js', import.meta.url));

type Document = { readonly [key: string]: unknown };

/** A pipeline of seconds: 200 digits, a network of two channels. */
export const SMALL: Document = {
  name: 'small',
  seed: 3,
  engine: { use: 'auto', threads: { intraOp: 1, interOp: 1 } },
  data: { use: 'digits', with: { test: 9800 } },
  augment: ['random-warp', 'random-erasing', { use: 'normalize', with: { mean: [0.13], std: [0.31] } }],
  backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 4, width: 4, blocks: [1, 1] } },
  method: { use: 'simsiam', with: { dim: 8, predictorHidden: 8 } },
  quantization: { wrap: 'ssql', pins: { conv1: 'w8a8', 'projector.*': { weights: 8, activations: 'float' } } },
  optimizer: { use: 'sgd', with: { lr: 0.05, lrScale: { 'predictor.*': 4 } } },
  train: { epochs: 3, batch: 50 },
  evaluation: { calibration: { samples: 100, batch: 100 } },
  stages: [
    { use: 'linear-probe', with: { precisions: ['float', 'w2a4'], epochs: 2 } },
    { use: 'knn', with: { precisions: ['w4a4'], k: 5, classifier: 'float' } },
    'report',
  ],
};

/** Writes a pipeline into a folder and says where. */
export function writePipeline(folder: string, document: Document, name = 'pipeline.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, stringify(document));
  return file;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder, to its end. `watch` sees what it has written to standard error so far. */
export function ssql(
  folder: string,
  args: readonly string[],
  watch: (stderr: string, interrupt: () => void) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env: { ...process.env, NO_COLOR: '1' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
    watch(stderr, () => child.kill('SIGINT'));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
