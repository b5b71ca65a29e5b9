import type { Network } from '../nn/network.js';
import type { Assigner } from './assigner.js';
import type { Augmentation } from './augmentation.js';
import type { Dataset } from './data.js';
import type { Logger } from './logger.js';
import type { Method } from './method.js';
import type { Observer } from './observer.js';
import type { Optimizer } from './optimizer.js';
import type { Quantizer } from './quantizer.js';
import type { Sampler } from './sampler.js';
import type { Schedule } from './schedule.js';
import type { Stage } from './stage.js';
import type { Wrapper } from './wrapper.js';

/**
 * What a plugin of each kind makes. A third party opens a new kind by declaration merging; its plugin stands in a pipeline under the name of
 * the kind, at the top, and other plugins reach it by `needs`.
 */
export interface PluginKinds {
  data: Dataset;
  augmentation: Augmentation;
  backbone: Network;
  method: Method;
  wrapper: Wrapper;
  quantizer: Quantizer;
  observer: Observer;
  sampler: Sampler;
  optimizer: Optimizer;
  schedule: Schedule;
  assigner: Assigner;
  stage: Stage;
  logger: Logger;
}

export type Kind = keyof PluginKinds;

/** The members that an object must have, with their types. */
export interface Members {
  readonly [member: string]: 'function' | 'number' | 'object' | 'string';
}

/** A place in a pipeline where a plugin stands. */
export interface KindPlace {
  /** Dotted; `.*` at the end means each item of a list. */
  readonly path: string;
  readonly description: string;
  /** What stands there where a pipeline says nothing: nothing (it must be written), the base pipeline's plugins, or none. */
  readonly otherwise: 'required' | 'base' | 'none';
}

/** A kind of plugin, as the rest of the code needs to know it. */
export interface KindEntry {
  readonly kind: Kind;
  readonly summary: string;
  readonly places: readonly KindPlace[];
  /** What a plugin of the kind must make. */
  readonly members: Members;
}

/**
 * The one table of the kinds that core knows: where their plugins stand, what these must make, and what stands there by default. The slots of
 * pipelines, their schema, the guards, the container's bindings, `ssql list` and the reference pages are made of it.
 */
export const KINDS = [
  {
    kind: 'data',
    summary: 'Reads images and labels.',
    places: [{ path: 'data', description: 'The images.', otherwise: 'required' }],
    members: { name: 'string', shape: 'object', train: 'object', test: 'object', fingerprint: 'string' },
  },
  {
    kind: 'augmentation',
    summary: 'Makes a view of an image.',
    places: [{ path: 'augment.*', description: 'Augmentations of a view, in order.', otherwise: 'none' }],
    members: { prepare: 'function' },
  },
  {
    kind: 'backbone',
    summary: 'The network that is trained and later used.',
    places: [{ path: 'backbone', description: 'The network that is trained.', otherwise: 'required' }],
    members: { forward: 'function' },
  },
  {
    kind: 'method',
    summary: 'A contrastive method: online outputs, targets and their loss.',
    places: [{ path: 'method', description: 'The self-supervised method.', otherwise: 'required' }],
    members: {
      views: 'number',
      projector: 'object',
      heads: 'object',
      online: 'function',
      targets: 'function',
      loss: 'function',
      features: 'function',
    },
  },
  {
    kind: 'wrapper',
    summary: 'Turns the loss of a method into the objective of training.',
    places: [
      {
        path: 'quantization.wrap',
        description: 'What makes the training robust to quantization; left out: plain training.',
        otherwise: 'base',
      },
    ],
    members: { precisions: 'number', objective: 'function' },
  },
  {
    kind: 'quantizer',
    summary: 'Rounds a tensor to few levels.',
    places: [
      { path: 'quantization.weights.quantizer', description: 'Quantizer of weights.', otherwise: 'base' },
      { path: 'quantization.activations.quantizer', description: 'Quantizer of activations.', otherwise: 'base' },
    ],
    members: { granularity: 'string', fakeQuantize: 'function' },
  },
  {
    kind: 'observer',
    summary: 'Finds the range that is quantized.',
    places: [
      { path: 'quantization.weights.observer', description: 'Observer of the range of weights.', otherwise: 'base' },
      {
        path: 'quantization.activations.observer',
        description: 'Observer of the range of activations.',
        otherwise: 'base',
      },
    ],
    members: { observe: 'function', range: 'function' },
  },
  {
    kind: 'sampler',
    summary: 'Draws the bit widths of a training step.',
    places: [{ path: 'quantization.sampler', description: 'How the precision of a step is drawn.', otherwise: 'base' }],
    members: { draw: 'function' },
  },
  {
    kind: 'optimizer',
    summary: 'Updates weights by their gradients.',
    places: [{ path: 'optimizer', description: 'The optimizer.', otherwise: 'required' }],
    members: { learningRate: 'number', slots: 'object', update: 'function' },
  },
  {
    kind: 'schedule',
    summary: 'Changes the learning rate over time.',
    places: [{ path: 'schedule', description: 'The learning rate over time.', otherwise: 'base' }],
    members: { factor: 'function' },
  },
  {
    kind: 'assigner',
    summary: 'Chooses per-layer bit widths within the same total budget.',
    places: [
      {
        path: 'evaluation.assigner',
        description: 'How per-layer bit widths are chosen at mixed precisions.',
        otherwise: 'base',
      },
    ],
    members: { budget: 'string', assign: 'function' },
  },
  {
    kind: 'stage',
    summary: 'Measures runs, while they train or after.',
    places: [
      { path: 'stages.*', description: 'What follows pretraining, in order.', otherwise: 'none' },
      {
        path: 'monitor.stages.*',
        description: 'Stages that look at one run, in order.',
        otherwise: 'none',
      },
    ],
    members: { scope: 'string', run: 'function' },
  },
  {
    kind: 'logger',
    summary: 'Writes metrics where somebody looks at them.',
    places: [
      {
        path: 'loggers.*',
        description: 'Where metrics are logged besides metrics.ndjson. What is trained does not depend on it.',
        otherwise: 'base',
      },
    ],
    members: { open: 'function' },
  },
] as const satisfies readonly KindEntry[];

/** The path of a place in the table. */
export type PlacePath = (typeof KINDS)[number]['places'][number]['path'];

/** All places of the table with their kinds, in its order. */
export const PLACES: readonly (KindPlace & { readonly kind: Kind })[] = (KINDS as readonly KindEntry[]).flatMap(
  ({ kind, places }) => places.map((place) => ({ ...place, kind })),
);

/** The entry of a kind; `undefined` for a kind that a third party opened. */
export function kindEntry(kind: string): KindEntry | undefined {
  return KINDS.find((entry) => entry.kind === kind);
}

/** Whether a place is that of each item of a list. */
export function isListed(path: string): boolean {
  return path.endsWith('.*');
}

/**
 * Where the plugin of a kind stands that a plugin at `from` needs: the place that shares the most with its own, so that a quantizer of
 * activations gets the observer of activations. `undefined` where the pipeline has a list of that kind.
 */
export function neededPlace(kind: Kind, from: readonly (string | number)[]): readonly string[] | undefined {
  const entry = kindEntry(kind);
  if (entry === undefined) return [kind];
  if (entry.places.some(({ path }) => isListed(path))) return undefined;
  const paths = entry.places.map(({ path }) => path.split('.'));
  const shared = (path: readonly string[]): number => {
    const differing = path.findIndex((segment, index) => segment !== from[index]);
    return differing < 0 ? path.length : differing;
  };
  return paths.reduce((best, path) => (shared(path) > shared(best) ? path : best));
}
