/**
 * One result of a run. evaluation.json is a list of these; every table, chart and report is made from it. There, results of stages that
 * the pipeline no longer has are marked with `"earlier": true` and skipped; they return with the stage.
 */
export interface Evaluation {
  readonly stage: string;
  /** As written in pipelines: `float`, `w4a8`. */
  readonly precision: string;
  /** `matched`: fitted on features at that precision; `float`: fitted on float features. */
  readonly classifier: 'matched' | 'float';
  readonly metric: string;
  /** An `accuracy` is in percent. */
  readonly value: number;
  /** The standard error of the value, if it is a mean over samples such as batches. */
  readonly standardError?: number;
  /** The images that it comes from. Stages that compute no features of a split have none. */
  readonly protocol?: Protocol;
}

/** The images that a result comes from. What is done with them, the stage and its options tell. */
export interface Protocol {
  /** The names of the splits that classifiers are fitted on and that results are measured on. */
  readonly train: string;
  readonly test: string;
  /** The number of training images that activation ranges were calibrated on; omitted if activations are float. */
  readonly calibration?: { readonly samples: number };
}

/** The bit widths of sites at a mixed precision. bit-assignments.json maps precisions to these: `mixed-w4a4`. */
export interface BitAssignment {
  /** The cost that was limited to that of the uniform precision. */
  readonly budget: 'bops' | 'size';
  /** The backbone's cost at the uniform precision, with pins, and with these bits. */
  readonly uniform: { readonly bops: number; readonly bytes: number };
  readonly mixed: { readonly bops: number; readonly bytes: number };
  /** All sites whose bits were chosen. */
  readonly sites: readonly {
    readonly operand: 'weights' | 'activations';
    readonly site: string;
    readonly bits: number;
    /** By bit width: the mean squared error of the features if only this site is quantized, divided by the variance of the float features. */
    readonly sensitivity: { readonly [bits: string]: number };
  }[];
}

/** The cost of the backbone for one image. costs.json maps the precisions of the stages to these; mixed ones have theirs in bit-assignments.json. */
export interface PrecisionCost {
  /** Bit operations: products of weights and activations, times the widths of both. */
  readonly bops: number;
  /** Of the weights. */
  readonly bytes: number;
}

/** The metrics of a step: a line of metrics.ndjson, and of speed.ndjson, which alone differs from run to run. */
export interface StepMetrics {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly precision?: string;
  readonly parts: { readonly [name: string]: number };
  /** Mean standard deviation of the unit-length float features; near 0 means collapse (1/sqrt(D) is the best). */
  readonly featureStd: number;
  readonly imagesPerSecond: number;
}

/** Results of the monitor's stages for the weights after a step: a line of metrics.ndjson, after the line of the step. */
export interface MonitorMetrics {
  readonly step: number;
  /** Passes over the training images so far. */
  readonly epochs: number;
  readonly evaluations: readonly Evaluation[];
}

/** A picture of a run: `taken-for.svg`. */
export interface Picture {
  readonly name: string;
  readonly svg: string;
}

/** A weight tensor's values, in torch layout. */
export interface NamedWeights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A finished run, read back from its folder. */
export interface RunRecord {
  readonly folder: string;
  /** The run's values of the matrix: { 'quantization.wrap': 'ssql', seed: 1 }. Empty without a matrix. */
  readonly cell: { readonly [path: string]: unknown };
  /** The label of the run: `SSQL-SimSiam seed 1`; empty if its pipeline has no matrix. */
  readonly label: string;
  /** The same without the seed: `SSQL-SimSiam`. */
  readonly group: string;
  /** Whether training quantized anything. */
  readonly quantized: boolean;
  /** The resolved pipeline, as YAML. */
  readonly pipeline: string;
  readonly manifest: { readonly [key: string]: unknown };
  readonly metrics: readonly StepMetrics[];
  readonly monitored: readonly MonitorMetrics[];
  readonly evaluations: readonly Evaluation[];
  /** The bits of mixed precisions, by precision: `mixed-w4a4`. */
  readonly assignments: { readonly [precision: string]: BitAssignment };
  /** By precision; empty if an earlier version of ssql ran the stages. */
  readonly costs: { readonly [precision: string]: PrecisionCost };
  readonly weights: readonly NamedWeights[];
  /** The SVG files that stages wrote in the folder of the run; reports show them as images. */
  readonly pictures: readonly Picture[];
  /** Seconds spent, by phase: pretrain, monitor, and each stage. */
  readonly timings: { readonly [phase: string]: number };
}
