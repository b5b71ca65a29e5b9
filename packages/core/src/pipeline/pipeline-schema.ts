import { isListed, PLACES, type Kind } from '../kinds/kinds.js';
import type { Typed } from '../plugin/options.js';
import { PRECISION_PATTERN } from '../quantization/precision.js';
import type { BasePipeline } from '../plugin/registry.js';
import { EVALUATION } from './evaluation-schema.js';
import { COUNT, MOST, plugin, plugins, record, SPLIT, TEXTS } from './schema-parts.js';
import { THREADS } from './threads-schema.js';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** `w8a8`, or a mapping with the pinned operands only. */
export type Pin = string | { readonly weights?: number | 'float'; readonly activations?: number | 'float' };

export const REQUIRED_KEYS = [
  'name',
  ...PLACES.filter(({ otherwise }) => otherwise === 'required').map(({ path }) => path),
  'train',
];

// The name of a folder.
const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]*$';
const BIT_SET = {
  type: 'array',
  items: { type: 'integer', minimum: 1, maximum: 16 },
  minItems: 1,
  uniqueItems: true,
} as const;
const PINNED_BITS = {
  if: { type: 'string' },
  then: { const: 'float' },
  else: { type: 'integer', minimum: 1, maximum: 16 },
};
const PIN: Typed<Pin> = {
  if: { type: 'string' },
  then: { type: 'string', pattern: PRECISION_PATTERN },
  else: {
    title: 'a precision, or `weights` and `activations`,',
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: { weights: PINNED_BITS, activations: PINNED_BITS },
  },
} as Typed<Pin>; // types of alternatives cannot be inferred
const MATRIX_ENTRIES = { type: 'array', items: { type: 'object', minProperties: 1 } };

/**
 * The schema of pipeline files, from which the type `Pipeline` is inferred. Markers stand for plugins; `pipelineSchema` replaces them by
 * JSON Schema.
 */
export const PIPELINE = record('A pipeline.', {
  name: {
    type: 'string',
    pattern: NAME_PATTERN,
    title: 'letters, digits, `.`, `_` and `-`',
    description: 'Name of the pipeline and of the folder of its runs.',
  },
  extends: {
    if: { type: 'string' },
    then: { minLength: 1 },
    else: TEXTS,
    description:
      'Pipeline files to extend: ./base.yaml, or a file of a package. Values of this file take precedence, then those of later files.',
  },
  plugins: {
    ...TEXTS,
    uniqueItems: true,
    default: [],
    description: 'Packages and files (./my-quantizer.js) of plugins, in addition to @ssql/plugins.',
  },
  seed: { type: 'integer', minimum: 0, maximum: 0xffffffff, default: 0, description: 'Seed of all random draws.' },
  engine: record('The engine that computes tensors.', {
    use: {
      enum: ['auto', 'tensorflow', 'wasm', 'cpu'],
      default: 'auto',
      description:
        'auto: libtensorflow if it is installed, otherwise WebAssembly. libtensorflow: its GPU build if it is installed and there is an NVIDIA driver.',
    },
    precision: {
      enum: ['float32', 'bfloat16'],
      default: 'float32',
      description:
        'What convolutions and matrix products of training multiply in. bfloat16: faster on processors with bfloat16 instructions; ' +
        'weights, optimizer, statistics, ranges and losses stay float32. Evaluation always computes in float32.',
    },
    threads: THREADS,
  }),
  data: plugin('data'),
  augment: plugins('augment.*'),
  views: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      additionalProperties: false,
      properties: {
        augment: plugins('views.*.augment.*'),
        size: {
          ...COUNT,
          description: 'Height and width of these views, for steps that resize and have no `size` of their own.',
        },
        count: { ...COUNT, default: 1, description: 'Number of views of this group.' },
      },
    },
    description: 'Groups of views that differ, in order; default: all views have the steps of `augment`.',
  },
  backbone: plugin('backbone'),
  initial: {
    type: 'object',
    additionalProperties: false,
    if: { required: ['run'] },
    then: { properties: { weights: false } },
    else: {
      if: { required: ['convolutions'] },
      else: {
        required: ['weights'],
        description: 'Or name a run: `run`. Or how random weights are drawn: `convolutions`.',
      },
    },
    properties: {
      convolutions: {
        enum: ['normal', 'uniform'],
        description:
          "Random weights of convolutions. normal, the default: as in torchvision's networks (He et al., fan out; biases are 0). " +
          "uniform: PyTorch's default, weights and biases within ±1/√(fan in), as linear layers always start.",
      },
      weights: {
        type: 'string',
        minLength: 1,
        description: "A safetensors file in PyTorch layout. The path is relative to the pipeline's folder.",
      },
      run: {
        type: 'string',
        minLength: 1,
        description: 'A run whose weights to start from, instead of a file: quickstart/SSQL-SimSiam. See `ssql runs`.',
      },
      prefix: {
        type: 'string',
        default: '',
        description: 'Prefix of tensor names in the file, such as module.encoder_q.; tensors without it are ignored.',
      },
      ignore: {
        ...TEXTS,
        default: [],
        description: 'Globs of tensor names to ignore, without the prefix: fc.*',
      },
    },
    description: 'Initial weights: random ones, or those of a file for the whole backbone.',
  },
  method: plugin('method'),
  quantization: record('Quantization of the network in training (wrap) and in evaluation.', {
    wrap: plugin('quantization.wrap'),
    weights: record('Quantization of weights.', {
      quantizer: plugin('quantization.weights.quantizer'),
      observer: plugin('quantization.weights.observer'),
      bits: {
        ...BIT_SET,
        default: [2, 3, 4, 5, 6, 7, 8],
        description: 'Bit widths of weights that training samples from.',
      },
    }),
    activations: record('Quantization of activations.', {
      quantizer: plugin('quantization.activations.quantizer'),
      observer: plugin('quantization.activations.observer'),
      bits: {
        ...BIT_SET,
        default: [4, 5, 6, 7, 8],
        description: 'Bit widths of activations that training samples from.',
      },
    }),
    sampler: plugin('quantization.sampler'),
    pins: {
      type: 'object',
      additionalProperties: PIN,
      default: {},
      description: 'Fixed precisions by glob of layer names.',
    },
  }),
  optimizer: plugin('optimizer'),
  schedule: plugin('schedule'),
  train: {
    type: 'object',
    additionalProperties: false,
    required: ['epochs', 'batch'],
    properties: {
      epochs: {
        type: 'integer',
        minimum: 0,
        maximum: MOST,
        description:
          'Number of passes over the training images. 0: nothing is trained; stages measure the initial weights (those of `initial`, or random ones).',
      },
      batch: { ...COUNT, description: 'Images per training step.' },
      split: { ...SPLIT, description: 'The split of the data that trains; default: train.' },
      checkpointEvery: { ...COUNT, default: 1, description: 'Number of epochs between checkpoints.' },
    },
    description: 'Length of training and size of a batch.',
  },
  monitor: {
    type: 'object',
    additionalProperties: false,
    required: ['stages'],
    properties: {
      every: {
        ...COUNT,
        default: 1,
        description: 'Number of epochs between measurements; the last epoch is always measured.',
      },
      stages: plugins('monitor.stages.*'),
    },
    description: 'Stages that also run during training, on the current weights. They do not affect training.',
  },
  evaluation: EVALUATION,
  stages: plugins('stages.*'),
  loggers: plugins('loggers.*'),
  labels: {
    type: 'object',
    additionalProperties: { type: 'string', minLength: 1 },
    default: {},
    description: 'Replacements for parts of run labels: { SSQL-SimSiam: ours }.',
  },
  matrix: {
    type: 'object',
    properties: {
      include: { ...MATRIX_ENTRIES, description: 'Additional runs, each with its values by dotted path.' },
      exclude: { ...MATRIX_ENTRIES, description: 'Excluded combinations: those with all values of an entry.' },
    },
    additionalProperties: { type: 'array', minItems: 1 },
    description: 'Lists of values by dotted path (quantization.wrap, seed); each combination is a run.',
  },
});

/** The keys of a pipeline. Other keys are kinds that plugins add. */
export const PIPELINE_KEYS: readonly string[] = Object.keys(PIPELINE.properties);

/**
 * The JSON Schema (draft-07) of a pipeline file.
 * @param reference the schema of a plugin of a kind
 * @param base the values that a pipeline has by default
 */
export function pipelineSchema(reference: (kind: Kind) => JsonSchema, base: BasePipeline = {}): JsonSchema {
  const resolve = (schema: unknown, path: readonly string[]): unknown => {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
    if ('plugin' in schema) return placeSchema(schema.plugin as string, reference, path.reduce(valueUnder, base));
    return Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => [
        keyword,
        keyword === 'properties'
          ? Object.fromEntries(
              Object.entries(value as JsonSchema).map(([name, property]) => [name, resolve(property, [...path, name])]),
            )
          : keyword === 'items' || keyword === 'additionalProperties'
            ? resolve(value, path)
            : value,
      ]),
    );
  };
  const { description: _, default: __, ...schema } = resolve(PIPELINE, []) as JsonSchema;
  return schema;
}

/** The schema of a reference whose plugin is unknown. */
export const PLAIN_REFERENCE: JsonSchema = {
  title: 'the name of a plugin, or `use` and `with`,',
  type: 'object',
  additionalProperties: false,
  required: ['use'],
  properties: { use: { type: 'string' }, with: { type: 'object' } },
};

function placeSchema(path: string, reference: (kind: Kind) => JsonSchema, base: unknown): JsonSchema {
  const place = PLACES.find((entry) => entry.path === path)!; // guaranteed by the type of markers
  const { kind, description, otherwise } = place;
  if (!isListed(path)) return { ...reference(kind), description, ...(base === undefined ? {} : { default: base }) };
  // Two equal loggers would write to the same files.
  const listed = {
    type: 'array',
    items: reference(kind),
    description,
    ...(kind === 'logger' && { uniqueItems: true }),
  };
  // An optional part, such as the monitor, must have at least one item if it exists.
  if (path.split('.').length === 3) return { ...listed, minItems: 1 };
  return { ...listed, default: otherwise === 'base' ? (base ?? []) : [] };
}

function valueUnder(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as JsonSchema)[key] : undefined;
}
