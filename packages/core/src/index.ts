export { SsqlError, PipelineErrors, type Location } from './errors.js';
export {
  definePlugin,
  type AnyPlugin,
  type Kind,
  type Plugin,
  type PluginContext,
  type PluginKinds,
} from './plugin/contract.js';
export type { Options, OptionSchema, OptionsInput, OptionsSchema } from './plugin/options.js';
export type { CompiledStep, Engine, EngineInfo, EngineName, Step, StepResult, Tensors, Tf } from './engine/engine.js';
export type { BatchNormalized, ConvolutionOptions, NeuralOps } from './engine/neural-ops.js';
export { stopGradient } from './engine/stop-gradient.js';
export {
  chain,
  named,
  type BatchNormLayer,
  type ConvolutionLayer,
  type DepthwiseConvolutionLayer,
  type Network,
  type Operations,
} from './nn/network.js';
export {
  FLOAT,
  formatPrecision,
  parsePrecision,
  PRECISION_PATTERN,
  type Bits,
  type Precision,
} from './quantization/precision.js';
export {
  EVALUATION_PRECISION_PATTERN,
  formatEvaluationPrecision,
  parseEvaluationPrecision,
  type EvaluationPrecision,
} from './quantization/evaluation-precision.js';
export type { AssignmentProblem, Assigner, Budget, SiteBits, SiteSensitivity } from './kinds/assigner.js';
export type { Granularity, InitialParameter, Quantizer, QuantizerParameters, Range, Operand } from './kinds/quantizer.js';
export type { Observer, ObserverState } from './kinds/observer.js';
export type { BitSets, Sampler } from './kinds/sampler.js';
export { costOf } from './evaluate/cost.js';
export type { LayerCost, NetworkCost } from './kinds/assigner.js';
export type { PinnedSites } from './quantization/pins.js';
export { permutation, random, type Random } from './random.js';
export type { Augmentation, ImageShape, PreparedAugmentation } from './kinds/augmentation.js';
export type { Dataset, Split } from './kinds/data.js';
export type { LoggedRun, Logger, RunLog } from './kinds/logger.js';
export type { Branch, Encoder, MemoryTensor, Method, TargetContext } from './kinds/method.js';
export type { OptimizedParameter, Optimizer } from './kinds/optimizer.js';
export type { Schedule, SchedulePoint } from './kinds/schedule.js';
export type { Features, FeatureSets, Stage, StageContext, ViewOutputs } from './kinds/stage.js';
export type { Branches, Objective, WrappedMethod, Wrapper } from './kinds/wrapper.js';
export type {
  BitAssignment,
  Evaluation,
  MonitorMetrics,
  NamedWeights,
  RunRecord,
  StepMetrics,
} from './kinds/run-record.js';
export { openEngine, type EngineSettings } from './engine/open-engine.js';
export {
  cacheFolder,
  findLibrary,
  type Environment,
  type Library,
  type Surroundings,
} from './engine/provision/locate.js';
export { installLibrary, type InstallOptions, type InstallProgress } from './engine/provision/install.js';
export { listLibraries, removeLibrary, type InstalledLibrary } from './engine/provision/installed.js';
export { RELEASES, releaseFor, type LibraryFile, type Release } from './engine/provision/release.js';
export { EventFile } from './artifact/event-file.js';
export { describeRun, type Machine, type RunFacts } from './artifact/manifest.js';
export { readRun } from './artifact/read-run.js';
export { openRunFolder, type Checkpoint, type RunFolder } from './artifact/run-folder.js';
export { runId } from './artifact/run-name.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
} from './artifact/safetensors.js';
export { fromTorch, toTorch, type LaidOut } from './artifact/torch-layout.js';
export { writeAtomic, writeError, type WritableFiles } from './artifact/write-atomic.js';
export {
  createStatusLine,
  type Progress,
  type StatusLine,
  type StatusOptions,
  type StatusStream,
} from './cli/status-line.js';
export * as errors from './all-errors.js';
export { formatError, type FormatOptions } from './format-error.js';
export {
  composeRun,
  type Composition,
  type Quantization,
  type Surroundings as RunSurroundings,
} from './container/compose.js';
export { formatOrigin, type Origin } from './pipeline/origin.js';
export { loadPipeline, type LoadedCell, type LoadedPipeline } from './pipeline/load.js';
export type { Pin, Pipeline, QuantizationSettings, Reference } from './pipeline/pipeline.js';
export {
  BUILT_IN_PLUGINS,
  discoverPlugins,
  discoverRegistry,
  importPlugins,
  type Discover,
} from './plugin/discover.js';
export { createRegistry, type PluginPackage, type Registry } from './plugin/registry.js';
export { editorSchema } from './schemas/editor-schema.js';
export { renderReport, type ReportOptions } from './report/report.js';
export { renderTable } from './report/table.js';
export { runPipeline, type PipelineResult } from './run/run-pipeline.js';
export type { RunOptions, RunProgress } from './run/run-options.js';
