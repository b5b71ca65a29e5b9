import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadPipeline, type LoadedPipeline } from '@ssql/core/run';
import type { Precision } from './bench.js';

/** What is trained: the CIFAR-10 recipe of the paper, with these changes. */
export interface Trained {
  readonly network: keyof typeof NETWORKS;
  /** Default: the recipe's SimSiam. */
  readonly method?: Reference;
  readonly wrapper: 'none' | 'ssql';
  /** Default: float32. */
  readonly precision?: Precision;
  /** Default: noise in memory, of the size that the views need. */
  readonly data?: Reference;
  /** Whether views have 224 pixels, of images of 256. */
  readonly large?: boolean;
  /** Without random augmentations both views are the same tensor: a defect that the benches must notice. */
  readonly equalViews?: boolean;
}

/** A plugin and its options, as in a pipeline. */
export interface Reference {
  readonly use: string;
  readonly with?: object;
}

/** A training in a process of its own. */
export interface Job extends Trained {
  readonly batch: number;
  readonly steps: number;
  /** Steps until the next side has its turn; default: 1. */
  readonly stepsInTurn?: number;
  readonly threads: number;
}

/** Steps before the measured ones. */
export const WARM_UPS = 2;

/** Height, width and channels of a view in the recipe. */
export const VIEW: readonly number[] = [32, 32, 3];

const NETWORKS = {
  /** The recipe's backbone. */
  resnet18: { use: 'resnet18', with: { stem: 'cifar' } },
  /** For views of 224 pixels. */
  'resnet18-224': { use: 'resnet18', with: { stem: 'imagenet' } },
  /** Small enough for thousands of steps. */
  small: { use: 'resnet18', with: { stem: 'cifar', stemStride: 2, width: 8, blocks: [2, 2, 2] } },
  /** Costs nothing: a step costs what its images cost. */
  'mean-of-pixels': { use: 'mean-of-pixels' },
} as const satisfies { readonly [name: string]: Reference };

const RECIPE = join(import.meta.dirname, '..', 'pipelines', 'cifar10', 'ssql-simsiam.yaml');

/** Loads the recipe for a job. The images are noise: their contents do not change the cost of a step. */
export function loadRecipe({
  network,
  method,
  wrapper,
  precision = 'float32',
  data,
  large = false,
  equalViews,
  batch,
  steps,
  stepsInTurn = 1,
  threads,
}: Job): Promise<LoadedPipeline> {
  const plugins = ['random-images', 'mean-of-pixels', 'turns'].map((name) =>
    join(import.meta.dirname, 'ours', `${name}.js`),
  );
  const values = {
    plugins,
    loggers: [{ use: 'turns', with: { steps: stepsInTurn } }],
    engine: {
      use: 'tensorflow',
      // How all processors are used is ours to choose, as it is PyTorch's.
      threads: threads === availableParallelism() ? 'auto' : { intraOp: threads, interOp: threads },
      ...(precision !== 'float32' && { precision }),
    },
    data: data ?? { use: 'random-images', with: { count: batch * (WARM_UPS + steps), ...(large && { size: 256 }) } },
    backbone: NETWORKS[network],
    ...(method && { method }),
    ...(large && { 'augment.0.with.size': 224 }),
    ...(equalViews && { augment: [] }),
    'quantization.wrap': wrapper,
    ...(network === 'mean-of-pixels' && { 'quantization.pins': {} }), // no layer to pin
    train: { epochs: 1, batch },
    stages: [],
  };
  const set = Object.entries(values).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return loadPipeline(RECIPE, { set: ['~matrix', ...set] });
}
