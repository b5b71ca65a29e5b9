/** For programs that run pipelines and read their results. */
export { PipelineErrors, SsqlError, type Location } from './errors.js';
export { formatError, type FormatOptions } from './format-error.js';
export {
  loadPipeline,
  type LoadedCell,
  type LoadedPipeline,
  type LoadOptions,
  type PipelineObject,
  type PipelineSource,
} from './pipeline/load.js';
export type { Origin } from './pipeline/origin.js';
export type { Pin, Pipeline, QuantizationSettings, Reference } from './pipeline/pipeline.js';
export type { Discover } from './plugin/discover.js';
export { createRegistry, type PluginPackage, type Registry } from './plugin/registry.js';
export { runPipeline, type PipelineResult, type PipelineRun } from './run/run-pipeline.js';
export { planPipeline, type PlannedPipeline, type PlannedRun } from './run/plan-pipeline.js';
export { describePipeline, type PipelineDescription } from './run/describe-pipeline.js';
export type { RunEvent, RunPlace } from './run/run-event.js';
export type { RunOptions } from './run/run-options.js';
export { costOf } from './evaluate/cost.js';
export { findLibrary } from './engine/provision/locate.js';
export { readRun } from './artifact/read-run.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
} from './artifact/safetensors.js';
export { fromTorch, toTorch, type LaidOut } from './artifact/torch-layout.js';
export type {
  BitAssignment,
  Evaluation,
  MonitorMetrics,
  PrecisionCost,
  RunRecord,
  StepMetrics,
} from './kinds/run-record.js';
export { editorSchema } from './schemas/editor-schema.js';
export { accuracyPicture, monitorPicture } from './report/picture.js';
export { renderReport } from './report/report.js';
export { renderTable } from './report/table.js';
