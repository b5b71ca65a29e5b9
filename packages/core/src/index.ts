/** For authors of plugins. Whoever embeds ssql imports `@ssql/core/run`, tests of plugins `@ssql/core/testing`. */
export { PipelineErrors, SsqlError, type Location } from './errors.js';
export {
  definePlugin,
  type AnyPlugin,
  type DataFile,
  type Plugin,
  type PluginContext,
  type Product,
  type ResolvedPipeline,
  type Serves,
} from './plugin/contract.js';
export type {
  ListRules,
  NestedOptions,
  NumberBounds,
  ObjectSchema,
  Options,
  OptionSchema,
  OptionsInput,
  OptionsSchema,
  ValueSchema,
} from './plugin/options.js';
export type { Kind, PluginKinds } from './kinds/kinds.js';
export type {
  AssignmentProblem,
  Assigner,
  Budget,
  LayerCost,
  NetworkCost,
  SiteBits,
  SiteSensitivity,
} from './kinds/assigner.js';
export type { Augmentation, ImageShape, PreparedAugmentation } from './kinds/augmentation.js';
export type { Dataset, Split, WholeImages } from './kinds/data.js';
export type { LoggedRun, Logger, RunLog } from './kinds/logger.js';
export type {
  Branch,
  Draw,
  Encoder,
  MemoryTensor,
  Method,
  StepValues,
  TargetContext,
  ViewPositions,
} from './kinds/method.js';
export type { Observer, ObserverState } from './kinds/observer.js';
export type { OptimizedParameter, Optimizer, OptimizerSlot, ParameterGradient } from './kinds/optimizer.js';
export type { Codes, Granularity, Trainable, Operand, Quantizer, Trainables, Range } from './kinds/quantizer.js';
export type {
  BitAssignment,
  Evaluation,
  MonitorMetrics,
  NamedWeights,
  Protocol,
  Picture,
  PrecisionCost,
  RunRecord,
  StepMetrics,
} from './kinds/run-record.js';
export type { BitSets, SamplePoint, Sampler } from './kinds/sampler.js';
export type { Schedule, SchedulePoint } from './kinds/schedule.js';
export type {
  Features,
  FeatureSets,
  ViewFeatures,
  ViewRequest,
  ImageBatch,
  NetworkOutputs,
  OutputRequest,
  PipelineStage,
  PipelineStageContext,
  RunStage,
  RunStageContext,
  Stage,
  StageContext,
} from './kinds/stage.js';
export type { SiteQuantization, TrainedEncoder } from './kinds/trained-encoder.js';
export type { Branches, Objective, PrecisionChoice, WrappedMethod, Wrapper } from './kinds/wrapper.js';
export type {
  CompiledStep,
  ComputePrecision,
  Engine,
  EngineInfo,
  EngineMemory,
  EngineName,
  Step,
  StepResult,
  Tensors,
  Tf,
  Threads,
} from './engine/engine.js';
export type { BatchNormalized, ConvolutionOptions, NeuralOps } from './engine/neural-ops.js';
export { openEngine } from './engine/open-engine.js';
export { stopGradient } from './engine/stop-gradient.js';
export {
  chain,
  named,
  type BatchNormLayer,
  type ConvolutionLayer,
  type DepthwiseConvolutionLayer,
  type LinearLayer,
  type Network,
  type Operations,
} from './nn/network.js';
export { describe, type NetworkDescription, type Parameter, type Shape, type Statistic } from './nn/describe.js';
export { execute, NO_HOOKS, type Execution, type SiteHooks } from './nn/execute.js';
export { batchStatistics, runningStatistics, type Normalization } from './nn/normalization.js';
export {
  EVALUATION_PRECISION_PATTERN,
  formatEvaluationPrecision,
  parseEvaluationPrecision,
  type EvaluationPrecision,
} from './quantization/evaluation-precision.js';
export type { PinnedSites } from './quantization/pins.js';
export {
  FLOAT,
  formatPrecision,
  parsePrecision,
  PRECISION_PATTERN,
  type Bits,
  type Precision,
} from './quantization/precision.js';
export { clamp, within } from './quantization/estimators/bounds.js';
export { customGradient } from './quantization/estimators/custom-gradient.js';
export { codesOf, levelCount } from './quantization/estimators/levels.js';
export { nonZero, sumTo } from './quantization/estimators/scales.js';
export { roundStraightThrough, straightThrough } from './quantization/estimators/straight-through.js';
export { withoutGradient } from './quantization/estimators/without-gradient.js';
export { permutation, random, type Random } from './random.js';
export { fromTorch, toTorch } from './artifact/torch-layout.js';
export { checkFileName } from './artifact/plugin-file.js';
export { EventFile } from './artifact/event-file.js';
export * as protobuf from './artifact/protobuf.js';
export { writeAtomic, writeError } from './artifact/write-atomic.js';
export { refuseSpecialFile } from './regular-file.js';
export { renderReport } from './report/report.js';
