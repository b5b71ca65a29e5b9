/** One figure of a run. evaluation.json is a list of these, and every table, chart and report is made from it. */
export interface Evaluation {
  readonly stage: string;
  /** As written in pipelines: `float`, `w4a8`. */
  readonly precision: string;
  /** `matched`: trained or filled at that precision (the paper's way); `float`: made from float features. */
  readonly classifier: 'matched' | 'float';
  readonly metric: string;
  /** An `accuracy` is in percent. */
  readonly value: number;
}

/** The bits that sites got at a mixed precision. bit-assignments.json maps precisions to these: `mixed-w4a4`. */
export interface BitAssignment {
  /** What was not to be more than at the precision everywhere. */
  readonly budget: 'bops' | 'size';
  /** What the backbone costs at the precision everywhere but for pins, and with these bits. */
  readonly uniform: { readonly bops: number; readonly bytes: number };
  readonly mixed: { readonly bops: number; readonly bytes: number };
  /** All sites that had a choice. */
  readonly sites: readonly {
    readonly operand: 'weights' | 'activations';
    readonly site: string;
    readonly bits: number;
    /** By bit width: the mean squared error of the features where this site alone is quantized, over the variance of the float ones. */
    readonly sensitivity: { readonly [bits: string]: number };
  }[];
}

/** What a step measured: a line of metrics.ndjson. */
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

/** What the stages of a pipeline's monitor found on the weights after a step: a line of metrics.ndjson behind that of the step. */
export interface MonitorMetrics {
  readonly step: number;
  /** Passes over the training images by then. */
  readonly epochs: number;
  readonly evaluations: readonly Evaluation[];
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
  /** What sets the run apart within its matrix: { 'quantization.wrap': 'ssql', seed: 1 }. Empty without a matrix. */
  readonly cell: { readonly [path: string]: unknown };
  /** What people call the run: `SSQL-SimSiam seed 1`; empty where its pipeline has no matrix. */
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
  /** The bits of mixed precisions, by how they are written. */
  readonly assignments: { readonly [precision: string]: BitAssignment };
  readonly weights: readonly NamedWeights[];
  /** Seconds spent, by phase: pretrain, monitor, and each stage. */
  readonly timings: { readonly [phase: string]: number };
}
