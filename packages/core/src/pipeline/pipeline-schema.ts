import { isListed, PLACES, type Kind, type PlacePath } from '../kinds/kinds.js';
import type { Typed } from '../plugin/options.js';
import { PRECISION_PATTERN } from '../quantization/precision.js';
import type { BasePipeline } from '../plugin/registry.js';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** A plugin and its options. In YAML a plain name stands for `{ use: name }`. */
export interface Reference {
  readonly use: string;
  /** Options, with the plugin's defaults filled in. */
  readonly with: { readonly [option: string]: unknown };
}

/** `w8a8`, or only the operands that are pinned. */
export type Pin = string | { readonly weights?: number | 'float'; readonly activations?: number | 'float' };

export const REQUIRED_KEYS = [
  'name',
  ...PLACES.filter(({ otherwise }) => otherwise === 'required').map(({ path }) => path),
  'train',
];

// It names a folder.
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
} as Typed<Pin>; // the compiler does not infer alternatives
const TEXTS = { type: 'array', items: { type: 'string', minLength: 1 } } as const;
const COUNT = { type: 'integer', minimum: 1 } as const;
const MATRIX_ENTRIES = { type: 'array', items: { type: 'object', minProperties: 1 } };

/**
 * What a pipeline file may say, of which `Pipeline` is inferred. The places of plugins are markers; `pipelineSchema` makes JSON Schema of
 * them.
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
      'Files that this one builds on: ./base.yaml, or a file of a package. What is written here wins; of several the later.',
  },
  plugins: {
    ...TEXTS,
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
        intraOp: { ...COUNT, description: 'Threads inside one operation.' },
        interOp: { ...COUNT, description: 'Operations side by side.' },
      },
      description: 'The bytes of a run depend on them.',
    },
  }),
  data: plugin('data'),
  augment: plugins('augment.*'),
  backbone: plugin('backbone'),
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
        description: 'The beginning of names in the file, such as module.encoder_q.; other tensors are ignored.',
      },
      ignore: {
        ...TEXTS,
        default: [],
        description: 'Globs over names, without the prefix, of tensors to ignore: fc.*',
      },
    },
    description: 'Weights that training begins with, all of the backbone; random ones where it is left out.',
  },
  method: plugin('method'),
  quantization: record('How the network is quantized, in training (wrap) and in evaluation.', {
    wrap: plugin('quantization.wrap'),
    weights: record('How weights are quantized.', {
      quantizer: plugin('quantization.weights.quantizer'),
      observer: plugin('quantization.weights.observer'),
      bits: {
        ...BIT_SET,
        default: [2, 3, 4, 5, 6, 7, 8],
        description: 'Bit widths of weights that training draws from.',
      },
    }),
    activations: record('How activations are quantized.', {
      quantizer: plugin('quantization.activations.quantizer'),
      observer: plugin('quantization.activations.observer'),
      bits: {
        ...BIT_SET,
        default: [4, 5, 6, 7, 8],
        description: 'Bit widths of activations that training draws from.',
      },
    }),
    sampler: plugin('quantization.sampler'),
    pins: {
      type: 'object',
      additionalProperties: PIN,
      default: {},
      description: 'Fixed precisions, by a glob over layer names.',
    },
  }),
  optimizer: plugin('optimizer'),
  schedule: plugin('schedule'),
  train: {
    type: 'object',
    additionalProperties: false,
    required: ['epochs', 'batch'],
    properties: {
      epochs: { ...COUNT, description: 'Passes over the training images.' },
      batch: { ...COUNT, description: 'Images a step.' },
      checkpointEvery: { ...COUNT, default: 1, description: 'Epochs between checkpoints.' },
    },
    description: 'How long to train.',
  },
  monitor: {
    type: 'object',
    additionalProperties: false,
    required: ['stages'],
    properties: {
      every: { ...COUNT, default: 1, description: 'Epochs between measurements; the last epoch is always measured.' },
      stages: plugins('monitor.stages.*'),
    },
    description:
      'Stages that also run while the network trains, on the weights as they are then. What is trained does not depend on it.',
  },
  evaluation: record('What evaluation needs besides the stages.', {
    calibration: record('Training images that calibrate activation ranges.', {
      samples: { ...COUNT, default: 1000, description: 'How many.' },
      batch: { ...COUNT, default: 500, description: 'Images that evaluation computes at once.' },
    }),
    assigner: plugin('evaluation.assigner'),
  }),
  stages: plugins('stages.*'),
  loggers: plugins('loggers.*'),
  labels: {
    type: 'object',
    additionalProperties: { type: 'string', minLength: 1 },
    default: {},
    description: 'Other words for the parts of run labels: { SSQL-SimSiam: ours }.',
  },
  matrix: {
    type: 'object',
    properties: {
      include: { ...MATRIX_ENTRIES, description: 'More runs: what each sets, by dotted path.' },
      exclude: { ...MATRIX_ENTRIES, description: 'Combinations that are left out: those with all of these values.' },
    },
    additionalProperties: { type: 'array', minItems: 1 },
    description: 'Values by dotted path (quantization.wrap, seed); each combination is a run.',
  },
});

/** The keys of a pipeline; any other is left to a kind that plugins open. */
export const PIPELINE_KEYS: readonly string[] = Object.keys(PIPELINE.properties);

/**
 * The JSON Schema (draft-07) of a pipeline file.
 * @param reference the schema of a plugin of a kind
 * @param base what stands at places where a pipeline says nothing
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
          : value,
      ]),
    );
  };
  const { description: _, default: __, ...schema } = resolve(PIPELINE, []) as JsonSchema;
  return schema;
}

/** What validation knows of a reference before it knows the plugin. */
export const PLAIN_REFERENCE: JsonSchema = {
  title: 'the name of a plugin, or `use` and `with`,',
  type: 'object',
  additionalProperties: false,
  required: ['use'],
  properties: { use: { type: 'string' }, with: { type: 'object' } },
};

function placeSchema(path: string, reference: (kind: Kind) => JsonSchema, base: unknown): JsonSchema {
  const place = PLACES.find((entry) => entry.path === path)!; // the type of markers allows no other
  const { kind, description, otherwise } = place;
  if (!isListed(path)) return { ...reference(kind), description, ...(base === undefined ? {} : { default: base }) };
  const listed = { type: 'array', items: reference(kind), description };
  // A part that is optional as a whole, such as the monitor, has at least one.
  if (path.split('.').length > 2) return { ...listed, minItems: 1 };
  return { ...listed, default: otherwise === 'base' ? (base ?? []) : [] };
}

function valueUnder(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as JsonSchema)[key] : undefined;
}

/** Stands for the plugin at a place; filled in by validation. */
function plugin<P extends PlacePath>(path: P): { readonly plugin: P; readonly default: true } & Typed<Reference> {
  return { plugin: path, default: true };
}

function plugins<P extends PlacePath>(
  path: P,
): { readonly plugin: P; readonly default: true } & Typed<readonly Reference[]> {
  return { plugin: path, default: true };
}

function record<const P extends { readonly [name: string]: object }>(description: string, properties: P) {
  return { type: 'object', additionalProperties: false, properties, default: {}, description } as const;
}
