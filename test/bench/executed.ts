import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Direction } from '../../bench/arithmetic.js';
import { oursSide } from '../../bench/ours.js';
import { WARM_UPS, type Job } from '../../bench/recipe.js';

/** Floating-point operations of a step. */
export interface Executed {
  readonly convolutions: Readonly<Record<Direction, number>>;
  /** Products of two matrices; those of batches of matrices, as in random-resized-crop, are left out. */
  readonly products: number;
}

const DIRECTIONS: { readonly [kind: string]: Direction } = {
  forward_training: 'forward',
  forward_inference: 'forward',
  backward_data: 'inputGradient',
  backward_weights: 'weightGradient',
};

/** What the engine computed in a step of a job: oneDNN, which libtensorflow computes with, prints each of its operations. */
export async function executedBy(job: Job): Promise<Executed> {
  const folder = await mkdtemp(join(tmpdir(), 'ssql-executed-'));
  try {
    const text = await print(job, join(folder, 'output.txt'));
    const convolutions = { forward: 0, inputGradient: 0, weightGradient: 0 };
    let products = 0;
    for (const line of text.split('\n')) {
      const [, , , action, , primitive, , kind = '', , , , problem = ''] = line.split(',');
      if (action !== 'exec') continue;
      if (primitive === 'convolution') convolutions[DIRECTIONS[kind]!] += convolutionFlop(problem);
      if (primitive === 'matmul') products += productFlop(problem);
    }
    const { forward, inputGradient, weightGradient } = convolutions;
    const steps = WARM_UPS + job.steps;
    return {
      convolutions: {
        forward: forward / steps,
        inputGradient: inputGradient / steps,
        weightGradient: weightGradient / steps,
      },
      products: products / steps,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs a job and returns what it prints. It prints to a file: oneDNN drops lines where a pipe is full. */
async function print(job: Job, file: string): Promise<string> {
  const { command, arguments: argv } = oursSide(job);
  const output = await open(file, 'w+');
  try {
    const stdio = ['ignore', output.fd, 'inherit'] as const;
    const [status] = (await once(
      spawn(command, [...argv], { env: { ...process.env, ONEDNN_VERBOSE: '1' }, stdio: [...stdio] }),
      'close',
    )) as [number];
    assert.equal(status, 0);
    return await readFile(file, 'utf8');
  } finally {
    await output.close();
  }
}

/** Of a description such as `mb4_ic3oc8_ih34oh16kh3sh2dh0ph0_iw34ow16kw3sw2dw0pw0`. */
function convolutionFlop(problem: string): number {
  const sizes = ['mb', 'ic', 'oc', 'oh', 'ow', 'kh', 'kw'].map((name) =>
    Number(new RegExp(`(?<![a-z])${name}(\\d+)`).exec(problem)?.[1]),
  );
  return 2 * sizes.reduce((product, size) => product * size, 1);
}

/** Of a description such as `4x512:512x256`. */
function productFlop(problem: string): number {
  const sizes = /^(\d+)x(\d+):\d+x(\d+)$/.exec(problem)?.slice(1).map(Number);
  return sizes ? 2 * sizes.reduce((product, size) => product * size, 1) : 0;
}
