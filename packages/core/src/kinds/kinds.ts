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
 * The product of a plugin of each kind. A third party adds a kind by declaration merging; its plugin is a top-level key of a pipeline with the
 * name of the kind, and other plugins get it through `needs`.
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

/** Members of an object, with their types or their allowed values. */
export interface Members {
  readonly [member: string]: MemberType | readonly string[];
}

/** `record`: an object that is no list. */
type MemberType = 'boolean' | 'function' | 'list' | 'number' | 'number or list' | 'object' | 'record' | 'string';

/** A place for a plugin in a pipeline. */
export interface KindPlace {
  /** Dotted; `*` means each item of a list, `<name>` each entry of a mapping. */
  readonly path: string;
  readonly description: string;
  /** The default: `required` (none, it must be written), `base` (the base pipeline's plugins) or `none` (no plugin). */
  readonly otherwise: 'required' | 'base' | 'none';
}

/** A kind of plugin. */
export interface KindEntry {
  readonly kind: Kind;
  readonly summary: string;
  readonly places: readonly KindPlace[];
  /** Required members of the plugin's product. */
  readonly members: Members;
}

/**
 * The table of core's kinds: the places of their plugins, their required members and their defaults. The slots of pipelines, their
 * schema, the guards, `ssql list`, the testers' companions and the reference pages follow from it.
 */
export const KINDS = [
  {
    kind: 'data',
    summary: 'Reads images, and labels if there are some.',
    places: [{ path: 'data', description: 'The images.', otherwise: 'required' }],
    members: { name: 'string', shape: 'object', train: 'object', test: 'object', fingerprint: 'string' },
  },
  {
    kind: 'augmentation',
    summary: 'Transforms an image into a view.',
    places: [
      { path: 'augment.*', description: 'Augmentations of all views, in order.', otherwise: 'none' },
      {
        path: 'views.*.augment.*',
        description:
          'Augmentations of these views only, after the shared `augment`. Shared steps at its end that evaluation also applies, such as normalization, stay last.',
        otherwise: 'none',
      },
    ],
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
    summary: 'A self-supervised method: online outputs, targets and their loss.',
    places: [{ path: 'method', description: 'The self-supervised method.', otherwise: 'required' }],
    members: {
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
        description: 'How training is made robust to quantization; default: plain training.',
        otherwise: 'base',
      },
    ],
    members: { precisions: 'number or list', objective: 'function' },
  },
  {
    kind: 'quantizer',
    summary: 'Rounds a tensor to a few levels.',
    places: [
      { path: 'quantization.weights.quantizer', description: 'Quantizer of weights.', otherwise: 'base' },
      { path: 'quantization.activations.quantizer', description: 'Quantizer of activations.', otherwise: 'base' },
      {
        path: 'evaluation.calibration.weights.quantizer',
        description: 'Quantizer of weights in evaluation; default: that of `quantization`.',
        otherwise: 'none',
      },
      {
        path: 'evaluation.calibration.activations.quantizer',
        description: 'Quantizer of activations in evaluation; default: that of `quantization`.',
        otherwise: 'none',
      },
      {
        path: 'evaluation.calibrations.<name>.weights.quantizer',
        description: 'Quantizer of weights in evaluation; default: that of `evaluation.calibration`.',
        otherwise: 'none',
      },
      {
        path: 'evaluation.calibrations.<name>.activations.quantizer',
        description: 'Quantizer of activations in evaluation; default: that of `evaluation.calibration`.',
        otherwise: 'none',
      },
    ],
    members: { granularity: ['tensor', 'channel'], fakeQuantize: 'function' },
  },
  {
    kind: 'observer',
    summary: 'Determines the range that is quantized.',
    places: [
      { path: 'quantization.weights.observer', description: 'Observer of the range of weights.', otherwise: 'base' },
      {
        path: 'quantization.activations.observer',
        description: 'Observer of the range of activations.',
        otherwise: 'base',
      },
      {
        path: 'evaluation.calibration.weights.observer',
        description: 'Observer of the range of weights in evaluation; default: that of `quantization`.',
        otherwise: 'none',
      },
      {
        path: 'evaluation.calibration.activations.observer',
        description: 'Observer of the range of activations in evaluation; default: that of `quantization`.',
        otherwise: 'none',
      },
      {
        path: 'evaluation.calibrations.<name>.weights.observer',
        description: 'Observer of the range of weights in evaluation; default: that of `evaluation.calibration`.',
        otherwise: 'none',
      },
      {
        path: 'evaluation.calibrations.<name>.activations.observer',
        description: 'Observer of the range of activations in evaluation; default: that of `evaluation.calibration`.',
        otherwise: 'none',
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
    summary: 'Updates weights from their gradients.',
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
    members: { budget: ['bops', 'size'], assign: 'function' },
  },
  {
    kind: 'stage',
    summary: 'Measures runs, during or after training.',
    places: [
      { path: 'stages.*', description: 'Stages after pretraining, in order.', otherwise: 'none' },
      {
        path: 'monitor.stages.*',
        description: 'Stages that measure one run, in order.',
        otherwise: 'none',
      },
    ],
    members: { scope: ['run', 'pipeline'], run: 'function' },
  },
  {
    kind: 'logger',
    summary: 'Writes metrics to files or services.',
    places: [
      {
        path: 'loggers.*',
        description: 'Where metrics are logged besides metrics.ndjson. Does not affect training.',
        otherwise: 'base',
      },
    ],
    members: { open: 'function' },
  },
] as const satisfies readonly KindEntry[];

/** The path of a place in the table. */
export type PlacePath = (typeof KINDS)[number]['places'][number]['path'];

/** All places of the table with their kinds, in the table's order. */
export const PLACES: readonly (KindPlace & { readonly kind: Kind })[] = (KINDS as readonly KindEntry[]).flatMap(
  ({ kind, places }) => places.map((place) => ({ ...place, kind })),
);

/** The entry of a kind; `undefined` for a third party's kind. */
export function kindEntry(kind: string): KindEntry | undefined {
  return KINDS.find((entry) => entry.kind === kind);
}

/** Whether a place is an item of a list. */
export function isListed(path: string): boolean {
  return path.endsWith('.*');
}

/** The segment of a place's path that stands for each name of a mapping. */
export const ANY_NAME = '<name>';

/**
 * The place of the plugin that a plugin at `from` gets for a kind in its `needs`. It is the nearest place of the same operand, so that a
 * quantizer of activations gets the observer of activations. `undefined` if the pipeline has a list of that kind.
 * @param isWritten whether the pipeline has a plugin at an optional place; default: none
 */
export function neededPlace(
  kind: Kind,
  from: readonly (string | number)[],
  isWritten: (path: readonly string[]) => boolean = () => false,
): readonly string[] | undefined {
  const entry = kindEntry(kind);
  if (entry === undefined) return [kind];
  if (entry.places.some(({ path }) => isListed(path))) return undefined;
  const paths = entry.places
    .map(({ path, otherwise }) => ({ path: named(path.split('.'), from), otherwise }))
    .filter(({ path, otherwise }) => otherwise !== 'none' || isWritten(path))
    .map(({ path }) => path);
  const folders = (path: readonly (string | number)[]) => path.slice(0, -1);
  const operands = (path: readonly string[]): number =>
    inCommon(folders(path).toReversed(), folders(from).toReversed());
  const nearer = (a: readonly string[], b: readonly string[]): boolean =>
    operands(a) !== operands(b) ? operands(a) > operands(b) : inCommon(a, from) > inCommon(b, from);
  return paths.reduce((best, path) => (nearer(path, best) ? path : best));
}

/** A path of the table with the names of another path in the place of `<name>`. */
function named(path: readonly string[], from: readonly (string | number)[]): readonly string[] {
  return path.map((segment, index) => (segment === ANY_NAME ? String(from[index] ?? segment) : segment));
}

/** The number of segments that two paths have in common at their start. */
function inCommon(path: readonly (string | number)[], other: readonly (string | number)[]): number {
  const differing = path.findIndex((segment, index) => segment !== other[index]);
  return differing < 0 ? path.length : differing;
}
