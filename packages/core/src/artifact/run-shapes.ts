import { wrongEvaluations } from '../kinds/checks/evaluation.js';
import { isCount, isRecord } from '../values.js';

/** Whether a JSON value has the shape of a file of a run. Other programs, and crashes, write others. */
export type HasShape = (value: unknown) => boolean;

/** A date that is none would fail where it is shown. */
export const isManifest: HasShape = (value) =>
  isRecord(value) && (typeof value['date'] !== 'string' || Number.isFinite(Date.parse(value['date'])));

export const isTimings: HasShape = (value) => isRecordOf(value, Number.isFinite);

const isEvaluations: HasShape = (value) => wrongEvaluations(value) === undefined;

export const isAssignments: HasShape = (value) =>
  isRecordOf(value, (assignment) => isRecord(assignment) && Array.isArray(assignment['sites']));

export const isCosts: HasShape = (value) =>
  isRecordOf(value, (cost) => isRecord(cost) && Number.isFinite(cost['bops']) && Number.isFinite(cost['bytes']));

export const isProgress: HasShape = (value) =>
  isRecord(value) &&
  typeof value['run'] === 'boolean' &&
  isRecordOf(value['phases'], isText) &&
  isRecordOf(value['evaluations'], isEvaluations) &&
  (value['earlier'] === undefined || isRecordOf(value['earlier'], isEvaluations)) &&
  (value['assignments'] === undefined || isAssignments(value['assignments'])) &&
  (value['costs'] === undefined || isCosts(value['costs'])) &&
  ['trainingFingerprint', 'metrics'].every((key) => value[key] === undefined || isText(value[key]));

/** As far as summaries and reports read it. */
export const isPipeline: HasShape = (value) =>
  isRecord(value) &&
  isText(value['name']) &&
  isRecord(value['method']) &&
  isText(value['method']['use']) &&
  isRecord(value['train']) &&
  isCount(value['train']['epochs'], 0);

/** A line of metrics.ndjson: of a step, or of the monitor. */
export const isMetrics: HasShape = (value) =>
  isRecord(value) &&
  isCount(value['step'], 0) &&
  ('evaluations' in value ? Array.isArray(value['evaluations']) : typeof value['loss'] === 'number');

/** A line of speed.ndjson. */
export const isSpeed: HasShape = (value) =>
  isRecord(value) && isCount(value['step'], 1) && typeof value['imagesPerSecond'] === 'number';

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isRecordOf(value: unknown, holds: HasShape): boolean {
  return isRecord(value) && Object.values(value).every(holds);
}
