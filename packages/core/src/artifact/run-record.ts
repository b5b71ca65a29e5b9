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
  /** Short label of the cell: `ssql seed 1`. */
  readonly label: string;
  /** The resolved pipeline, as YAML. */
  readonly pipeline: string;
  readonly manifest: { readonly [key: string]: unknown };
  readonly metrics: readonly StepMetrics[];
  readonly monitored: readonly MonitorMetrics[];
  readonly evaluations: readonly Evaluation[];
  readonly weights: readonly NamedWeights[];
  /** Seconds spent, by phase: pretrain, monitor, and each stage. */
  readonly timings: { readonly [phase: string]: number };
}
