/**
 * Trains for some steps, by the pipeline that everybody uses, and prints one JSON object. A process of its own: what it holds at most is
 * what training holds.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPipeline, runPipeline } from '@ssql/core/run';
import { stringify } from 'yaml';
import { median } from '../median.js';

const WARM_UPS = 2;

const { values } = parseArgs({
  options: {
    network: { type: 'string', default: 'resnet18' },
    batch: { type: 'string', default: '64' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    wrapper: { type: 'string', default: 'ssql' },
    method: { type: 'string' },
    turns: { type: 'boolean', default: false },
  },
});
const [batch, steps, threads] = [Number(values.batch), Number(values.steps), Number(values.threads)];

const NETWORKS: { readonly [name: string]: object } = {
  // The CIFAR network of the paper.
  resnet18: {
    data: { use: 'random-images', with: { count: batch * (WARM_UPS + steps) } },
    backbone: { use: 'resnet18', with: { stem: 'cifar' } },
    method: { use: 'simsiam', with: { dim: 2048, predictorHidden: 2048 } },
  },
  // Small enough for thousands of steps.
  small: {
    data: { use: 'random-images', with: { count: batch * (WARM_UPS + steps), side: 28 } },
    backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 2, width: 8, blocks: [2, 2, 2] } },
    method: { use: 'simsiam', with: { dim: 128, predictorHidden: 128 } },
  },
};

const folder = await mkdtemp(join(tmpdir(), 'ssql-bench-'));
try {
  const file = join(folder, 'pipeline.yaml');
  const pipeline = {
    name: 'bench',
    plugins: ['random-images.js', 'turns.js'].map((name) => join(import.meta.dirname, name)),
    ...(values.turns && { loggers: ['turns'] }),
    engine: { use: 'tensorflow', threads: { intraOp: threads, interOp: threads } },
    ...NETWORKS[values.network],
    ...(values.method !== undefined && { method: JSON.parse(values.method) as unknown }),
    quantization: {
      wrap: values.wrapper,
      pins: {
        conv1: 'w8a8',
        'layer*.*.conv2': { activations: 'float' },
        'layer*.*.downsample.0': { activations: 'float' },
        'projector.*': { weights: 8, activations: 'float' },
      },
    },
    optimizer: { use: 'sgd', with: { lr: 0.05, weightDecay: 5e-4 } },
    train: { epochs: 1, batch },
  };
  await writeFile(file, stringify(pipeline));
  const seconds: number[] = [];
  const memory: { readonly step: number; readonly residentBytes: number }[] = [];
  let peakBytes = 0;
  await runPipeline(await loadPipeline(file), {
    folder: join(folder, 'runs'),
    resume: false,
    fresh: false,
    version: 'bench',
    signal: new AbortController().signal,
    onNote: (line) => console.error(line),
    onProgress({ done, metrics }) {
      if (!metrics) return;
      seconds.push(batch / metrics.imagesPerSecond);
      // Before the checkpoint of the end is written.
      peakBytes = process.resourceUsage().maxRSS * 1024;
      if (done % Math.max(1, Math.floor(steps / 20)) === 0)
        memory.push({ step: done, residentBytes: process.memoryUsage.rss() });
    },
  });
  const measured = seconds.slice(WARM_UPS);
  const secondsPerStep = median(measured);
  const imagesPerSecond = batch / secondsPerStep;
  console.log(JSON.stringify({ secondsPerStep, imagesPerSecond, peakBytes, seconds: measured, memory }));
} finally {
  await rm(folder, { recursive: true });
}
