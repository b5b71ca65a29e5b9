import type { Kind } from '../plugin/contract.js';
import { PRECISION_PATTERN } from '../quantization/precision.js';

export type JsonSchema = { readonly [keyword: string]: unknown };

export const REQUIRED_KEYS = ['name', 'data', 'backbone', 'method', 'optimizer', 'train'] as const;

/** The JSON Schema (draft-07) of a pipeline file; `reference` gives the schema of a plugin of a kind. */
export function pipelineSchema(reference: (kind: Kind) => JsonSchema): JsonSchema {
  const plugin = (kind: Kind, description: string, fallback?: unknown) => ({
    ...reference(kind),
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
  const operand = (what: string, symmetric: boolean, granularity: string, bits: readonly number[]) =>
    record(`How ${what} are quantized.`, {
      quantizer: plugin('quantizer', `Quantizer of ${what}.`, { use: 'uniform', with: { symmetric, granularity } }),
      observer: plugin('observer', `Observer of the range of ${what}.`, { use: 'minmax', with: {} }),
      bits: { ...BIT_SET, description: `Bit widths of ${what} that training draws from.`, default: bits },
    });
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: {
        type: 'string',
        pattern: NAME_PATTERN,
        title: 'letters, digits, `.`, `_` and `-`',
        description: 'Name of the pipeline and of the folder of its runs.',
      },
      extends: {
        if: { type: 'string' },
        then: { minLength: 1 },
        else: { type: 'array', items: { type: 'string', minLength: 1 } },
        description:
          'Files that this one builds on: ./base.yaml, or a file of a package. What is written here wins; of several the later.',
      },
      plugins: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        default: [],
        description: 'Packages and files (./my-quantizer.js) that plugins come from, besides @ssql/plugins.',
      },
      seed: { type: 'integer', minimum: 0, maximum: 0xffffffff, default: 0, description: 'Seed of every random draw.' },
      engine: record('What computes tensors.', {
        use: {
          enum: ['auto', 'tensorflow', 'wasm', 'cpu'],
          default: 'auto',
          description: 'auto: libtensorflow where it is installed.',
        },
        threads: {
          type: 'object',
          additionalProperties: false,
          properties: {
            intraOp: { ...count(), description: 'Threads inside one operation.' },
            interOp: { ...count(), description: 'Operations side by side.' },
          },
          description: 'The bytes of a run depend on them.',
        },
      }),
      data: plugin('data', 'The images.'),
      augment: {
        type: 'array',
        items: reference('augmentation'),
        default: [],
        description: 'Augmentations of a view, in order.',
      },
      backbone: plugin('backbone', 'The network that is trained.'),
      initial: {
        type: 'object',
        additionalProperties: false,
        required: ['weights'],
        properties: {
          weights: {
            type: 'string',
            minLength: 1,
            description: 'A safetensors file in the layout of PyTorch; the path starts at the folder of the pipeline.',
          },
          prefix: {
            type: 'string',
            default: '',
            description: 'What names in the file begin with, such as module.encoder_q.; other tensors are left out.',
          },
          ignore: {
            type: 'array',
            items: { type: 'string', minLength: 1 },
            default: [],
            description: 'Globs over names, without the prefix, of tensors that are left out: fc.*',
          },
        },
        description: 'Weights that training begins with, all of the backbone; random ones where it is left out.',
      },
      method: plugin('method', 'The self-supervised method.'),
      quantization: record('How the network is quantized, in training (wrap) and in evaluation.', {
        wrap: plugin('wrapper', 'What makes the training quantization-friendly; none: plain training.', {
          use: 'none',
          with: {},
        }),
        weights: operand('weights', true, 'channel', [2, 3, 4, 5, 6, 7, 8]),
        activations: operand('activations', false, 'tensor', [4, 5, 6, 7, 8]),
        sampler: plugin('sampler', 'How the precision of a step is drawn.', { use: 'uniform-per-step', with: {} }),
        pins: {
          type: 'object',
          additionalProperties: PIN,
          default: {},
          description: 'Fixed precisions, by a glob over layer names.',
        },
      }),
      optimizer: plugin('optimizer', 'The optimizer.'),
      schedule: plugin('schedule', 'The learning rate over time.', { use: 'cosine', with: {} }),
      train: {
        type: 'object',
        additionalProperties: false,
        required: ['epochs', 'batch'],
        properties: {
          epochs: { ...count(), description: 'Passes over the training images.' },
          batch: { ...count(), description: 'Images a step.' },
          checkpointEvery: { ...count(1), description: 'Epochs between checkpoints.' },
        },
        description: 'How long to train.',
      },
      monitor: {
        type: 'object',
        additionalProperties: false,
        required: ['stages'],
        properties: {
          every: { ...count(1), description: 'Epochs between measurements; after the last epoch there is one too.' },
          stages: {
            type: 'array',
            items: reference('stage'),
            minItems: 1,
            description: 'Stages that look at one run, such as knn and decomposition, in order.',
          },
        },
        description:
          'Stages that also run while the network trains, on the weights as they are then. What is trained does not depend on it.',
      },
      evaluation: record('What evaluation needs besides the stages.', {
        calibration: record('Training images that calibrate activation ranges.', {
          samples: { ...count(1000), description: 'How many.' },
          batch: { ...count(500), description: 'Images that evaluation computes at once.' },
        }),
        assigner: plugin('assigner', 'How the bits of layers are chosen at mixed precisions.', {
          use: 'integer-program',
          with: {},
        }),
      }),
      stages: {
        type: 'array',
        items: reference('stage'),
        default: [],
        description: 'What follows pretraining, in order.',
      },
      loggers: {
        type: 'array',
        items: reference('logger'),
        default: [{ use: 'tensorboard', with: {} }],
        description: 'Where metrics are logged besides metrics.ndjson. What is trained does not depend on it.',
      },
      matrix: {
        type: 'object',
        properties: {
          include: { ...MATRIX_ENTRIES, description: 'More runs: what each sets, by dotted path.' },
          exclude: {
            ...MATRIX_ENTRIES,
            description: 'Combinations that are left out: those with all of these values.',
          },
        },
        additionalProperties: { type: 'array', minItems: 1 },
        description: 'Values by dotted path (quantization.wrap, seed); each combination is a run.',
      },
    },
  };
}

/** What validation knows of a reference before it knows the plugin. */
export const PLAIN_REFERENCE: JsonSchema = {
  title: 'the name of a plugin, or `use` and `with`,',
  type: 'object',
  additionalProperties: false,
  required: ['use'],
  properties: { use: { type: 'string' }, with: { type: 'object' } },
};

// It names a folder.
const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]*$';
const BIT_SET = { type: 'array', items: { type: 'integer', minimum: 1, maximum: 16 }, minItems: 1, uniqueItems: true };
const PINNED_BITS = {
  if: { type: 'string' },
  then: { const: 'float' },
  else: { type: 'integer', minimum: 1, maximum: 16 },
};
const PIN = {
  if: { type: 'string' },
  then: { type: 'string', pattern: PRECISION_PATTERN },
  else: {
    title: 'a precision, or `weights` and `activations`,',
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: { weights: PINNED_BITS, activations: PINNED_BITS },
  },
};

const MATRIX_ENTRIES = { type: 'array', items: { type: 'object', minProperties: 1 } };

function count(fallback?: number): JsonSchema {
  return { type: 'integer', minimum: 1, ...(fallback === undefined ? {} : { default: fallback }) };
}

function record(description: string, properties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: false, properties, default: {}, description };
}

/** The keys of a pipeline; any other is left to a kind that plugins open. */
export const PIPELINE_KEYS: readonly string[] = Object.keys(pipelineSchema(() => ({}))['properties'] as object);
