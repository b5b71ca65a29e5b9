import type { EngineName } from '../engine/engine.js';

/** A plugin and its options. In YAML `minmax` stands for `{ use: minmax }`. */
export interface Reference {
  readonly use: string;
  /** Options, with the plugin's defaults filled in. */
  readonly with: { readonly [option: string]: unknown };
}

/**
 * One run as its pipeline file describes it: validated, defaults filled in, frozen; one cell of the file's matrix. Beside these keys it has
 * a reference for each kind that a plugin opened and the file names: `slots` lists them.
 */
export interface Pipeline {
  readonly name: string;
  /** Packages and files that plugins come from, besides `@ssql/plugins`. */
  readonly plugins: readonly string[];
  readonly seed: number;
  readonly engine: {
    readonly use: 'auto' | EngineName;
    readonly threads?: { readonly intraOp?: number; readonly interOp?: number };
  };
  readonly data: Reference;
  readonly augment: readonly Reference[];
  readonly backbone: Reference;
  /** Weights that training begins with; random ones where it is left out. */
  readonly initial?: {
    /** A safetensors file in torch's layout. */
    readonly weights: string;
    /** What names in the file begin with; others are left out. */
    readonly prefix: string;
    /** Globs over names, without the prefix, of tensors that are left out. */
    readonly ignore: readonly string[];
  };
  readonly method: Reference;
  readonly quantization: {
    readonly wrap: Reference;
    readonly weights: QuantizationSettings;
    readonly activations: QuantizationSettings;
    readonly sampler: Reference;
    /** Precisions by a glob over layer names. */
    readonly pins: { readonly [pattern: string]: Pin };
  };
  readonly optimizer: Reference;
  readonly schedule: Reference;
  readonly train: {
    readonly epochs: number;
    /** Images a step. */
    readonly batch: number;
    /** Epochs between checkpoints. */
    readonly checkpointEvery: number;
  };
  /** Stages that also run while the network trains. */
  readonly monitor?: {
    /** Epochs between measurements; after the last epoch there is one too. */
    readonly every: number;
    readonly stages: readonly Reference[];
  };
  readonly evaluation: {
    /** Training images that calibrate activation ranges, and how many are read at once. */
    readonly calibration: { readonly samples: number; readonly batch: number };
    /** Chooses the bits of sites at mixed precisions. */
    readonly assigner: Reference;
  };
  readonly stages: readonly Reference[];
  readonly loggers: readonly Reference[];
}

export interface QuantizationSettings {
  readonly quantizer: Reference;
  readonly observer: Reference;
  /** Bit widths that training draws from. */
  readonly bits: readonly number[];
}

/** `w8a8`, or only the sides that are pinned. */
export type Pin = string | { readonly weights?: number | 'float'; readonly activations?: number | 'float' };
