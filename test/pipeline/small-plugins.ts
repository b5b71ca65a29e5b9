import type { Rank } from '@tensorflow/tfjs-core';
import { PipelineErrors, SsqlError } from '../../packages/core/src/errors.js';
import { definePlugin } from '../../packages/core/src/plugin/contract.js';
import type { AnyPlugin } from '../../packages/core/src/plugin/contract.js';
import { importPlugins, type Discover } from '../../packages/core/src/plugin/discover.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { EVALUATION_PRECISION_PATTERN } from '../../packages/core/src/quantization/evaluation-precision.js';
import type { Network } from '../../packages/core/src/nn/network.js';
import { base } from '../../packages/plugins/src/base.js';

const none = { type: 'object', additionalProperties: false, properties: {} } as const;
const identity: Network = { forward: (_nn, x) => x };
const empty = { size: 0, labels: new Uint8Array(), read: () => Promise.resolve(new Uint8Array()) };

const digits = definePlugin({
  kind: 'data',
  name: 'digits',
  summary: 'No digits at all.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { limit: { type: 'integer', minimum: 1, description: 'Most images.', default: 100 } },
  },
  create: ({ limit }) => ({
    name: `digits-${limit}`,
    classes: [],
    shape: [8, 8, 1],
    train: empty,
    test: empty,
    fingerprint: 'none',
  }),
});

const crop = definePlugin({
  kind: 'augmentation',
  name: 'random-crop',
  summary: 'Leaves images as they are.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['size'],
    properties: {
      size: {
        type: ['integer', 'array'],
        minimum: 1,
        items: { type: 'integer', minimum: 1 },
        minItems: 2,
        maxItems: 2,
        description: 'Height and width.',
      },
      scale: {
        type: 'array',
        items: { type: 'number' },
        minItems: 2,
        maxItems: 2,
        description: 'Area.',
        default: [0.2, 1],
      },
    },
  },
  create: () => ({ prepare: (output) => ({ output, draws: 0, draw: () => [], apply: (images) => images }) }),
});

const resnet18 = definePlugin({
  kind: 'backbone',
  name: 'resnet18',
  summary: 'The identity.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { stem: { enum: ['imagenet', 'cifar'], description: 'The first layers.', default: 'imagenet' } },
  },
  create: () => identity,
});

const method = (name: string) =>
  definePlugin({
    kind: 'method',
    name,
    summary: 'Learns nothing.',
    options: {
      type: 'object',
      additionalProperties: false,
      properties: {
        dim: { type: 'integer', minimum: 1, description: 'Features.', default: 2048 },
        predictorHidden: { type: 'integer', minimum: 1, description: 'Hidden features.', default: 512 },
      },
    },
    create(_options, { tf }) {
      const features = () => tf.zeros<Rank.R2>([1, 1]);
      return {
        views: 2,
        projector: identity,
        heads: {},
        online: features,
        targets: features,
        loss: () => tf.scalar(0),
        features,
      };
    },
  });

const wrapper = (name: string, precisions: number) =>
  definePlugin({
    kind: 'wrapper',
    name,
    title: name === 'none' ? '' : name,
    summary: 'The loss of the method.',
    options: none,
    create: () => ({
      precisions,
      objective(wrapped, branches, views) {
        const online = wrapped.online(branches.float, views);
        return { loss: wrapped.loss(online, wrapped.targets(online)), parts: {}, online };
      },
    }),
  });

const uniform = definePlugin({
  kind: 'quantizer',
  name: 'uniform',
  summary: 'Quantizes nothing.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      symmetric: { type: 'boolean', description: 'Zero maps to zero.', default: false },
      granularity: { enum: ['tensor', 'channel'], description: 'What shares a range.', default: 'tensor' },
    },
  },
  create: () => ({ granularity: 'tensor', fakeQuantize: (x) => x }),
});

const minmax = definePlugin({
  kind: 'observer',
  name: 'minmax',
  summary: 'No range.',
  options: none,
  create: () => ({ observe: (x) => ({ x }), range: ({ x }) => ({ min: x!, max: x! }) }),
});
const percentile = definePlugin({
  kind: 'observer',
  name: 'percentile',
  summary: 'No range.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      percentile: { type: 'number', exclusiveMinimum: 0, maximum: 100, description: 'Kept.', default: 99.9 },
    },
  },
  create: () => ({ observe: (x) => ({ x }), range: ({ x }) => ({ min: x!, max: x! }) }),
});
const sampler = definePlugin({
  kind: 'sampler',
  name: 'uniform',
  summary: 'Draws nothing.',
  options: none,
  create: () => ({ draw: () => ({ weights: 4, activations: 4 }) }),
});

const sgd = definePlugin({
  kind: 'optimizer',
  name: 'sgd',
  summary: 'Moves nothing.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['lr'],
    properties: {
      lr: { type: 'number', exclusiveMinimum: 0, description: 'Learning rate.' },
      momentum: { type: 'number', minimum: 0, description: 'Momentum.', default: 0.9 },
    },
  },
  check({ lr, momentum }, pipeline) {
    const conflict = (message: string, option?: string) => new SsqlError('OPTION_CONFLICT', message, { option });
    const { batch } = pipeline['train'] as { readonly batch: number };
    const problems = [
      ...(lr + momentum > 10
        ? [conflict('With a learning rate of this size, momentum must be smaller.', 'momentum')]
        : []),
      ...(lr > 10 * batch ? [conflict(`A learning rate of ${lr} is too large for batches of ${batch}.`)] : []),
    ];
    if (problems.length > 0) throw new PipelineErrors(problems);
  },
  create: ({ lr }) => ({ learningRate: lr, slots: [], update: ({ value }) => ({ value, slots: [] }) }),
});

const cosine = definePlugin({
  kind: 'schedule',
  name: 'cosine',
  summary: 'Constant.',
  options: none,
  create: () => ({ factor: () => 1 }),
});

const stage = (name: string) =>
  definePlugin({
    kind: 'stage',
    name,
    summary: 'Does nothing.',
    options: {
      type: 'object',
      additionalProperties: false,
      properties: {
        precisions: {
          type: 'array',
          items: { type: 'string', pattern: EVALUATION_PRECISION_PATTERN },
          uniqueItems: true,
          description: 'Precisions to evaluate at.',
          default: ['float'],
        },
      },
    },
    create: () => ({ scope: 'run', run: () => Promise.resolve() }),
  });

const integerProgram = definePlugin({
  kind: 'assigner',
  name: 'integer-program',
  summary: 'Chooses nothing.',
  options: none,
  create: () => ({ budget: 'bops', assign: () => ({ weights: new Map(), activations: new Map() }) }),
});

const tensorboard = definePlugin({
  kind: 'logger',
  name: 'tensorboard',
  summary: 'Logs nothing.',
  options: none,
  create: () => ({ open: () => Promise.resolve({ metrics: () => Promise.resolve(), close: () => Promise.resolve() }) }),
});

/** Small stand-ins for the built-in plugins, with their names. */
const smallPlugins: readonly AnyPlugin[] = [
  ...[digits, crop, resnet18, method('simsiam'), method('byol'), wrapper('none', 0), wrapper('ssql', 1)],
  ...[uniform, minmax, percentile, sampler, sgd, cosine, stage('linear-probe'), stage('knn')],
  integerProgram,
  tensorboard,
];

export const smallPackage = { name: '@ssql/plugins', plugins: smallPlugins, base };
export const smallRegistry = createRegistry([smallPackage]);

/** The stand-ins, and the packages and files that a pipeline names. */
export const smallDiscover: Discover = async (references, folder) =>
  createRegistry([smallPackage, ...(await importPlugins(references, folder))]);
