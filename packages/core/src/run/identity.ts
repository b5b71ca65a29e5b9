import { sha256 } from '../artifact/checksum.js';
import { stringify } from 'yaml';
import { runId } from '../artifact/run-name.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { isRecord, slots } from '../pipeline/references.js';
import type { Kind } from '../kinds/kinds.js';
import type { Registry } from '../plugin/registry.js';

/** What identifies a run: the name of its folder, and fingerprints of everything that its phases depend on. */
export interface RunIdentity {
  /** Depends only on how the run is trained, so that stages can be added to a trained run. */
  readonly id: string;
  /** Also depends on the data's bytes, on the versions of ssql and of the plugins used in training, and on what these plugins read. */
  readonly trainingFingerprint: string;
  /** Fingerprint of a stage by its position. */
  stageFingerprint(index: number): string;
}

/**
 * @param data the fingerprint of the data and of initial weights
 * @param fingerprints of what plugins read, by their places
 */
export function identifyRun(
  { pipeline, originalLabel }: LoadedCell,
  { registry }: LoadedPipeline,
  data: string,
  version: string,
  fingerprints: ReadonlyMap<string, string>,
): RunIdentity {
  const training = trainingYaml(withoutNeutral(pipeline, registry));
  const references = slots(pipeline, registry).map(({ path, kind, value }) => {
    const name = isRecord(value) ? String(value['use']) : '';
    const read = fingerprints.get(path.join('.'));
    return { path, from: sourceOf(registry, kind, name) + (read === undefined ? '' : ` ${read}`) };
  });
  const trainers = references.filter(({ path }) => !BESIDE_TRAINING.has(path[0])).map(({ from }) => from);
  const trainingFingerprint = fingerprint([training, data, version, trainers]);
  return {
    id: runId(originalLabel, training),
    trainingFingerprint,
    stageFingerprint(index) {
      const from = references
        .filter(({ path }) => path[0] === 'evaluation' || (path[0] === 'stages' && path[1] === index))
        .map((reference) => reference.from);
      return fingerprint([trainingFingerprint, pipeline.evaluation, pipeline.stages[index], from]);
    },
  };
}

/** Keys of plugins that do not affect training. */
const BESIDE_TRAINING: ReadonlySet<unknown> = new Set(['evaluation', 'stages', 'monitor', 'loggers']);

function sourceOf(registry: Registry, kind: Kind, name: string): string {
  const source = registry.packageOf(kind, name);
  return `${source?.name ?? ''} ${source?.version ?? ''}`;
}

/** The pipeline without the options that change no result. */
function withoutNeutral(pipeline: Pipeline, registry: Registry): Pipeline {
  const copy = structuredClone(pipeline);
  for (const { kind, value } of slots(copy, registry)) {
    if (!isRecord(value) || !isRecord(value['with'])) continue;
    const neutral: readonly string[] = registry.get(kind, String(value['use']))?.neutral ?? [];
    const options = Object.entries(value['with']).filter(([name]) => !neutral.includes(name));
    Object.assign(value, { with: Object.fromEntries(options) });
  }
  return copy;
}

function trainingYaml(pipeline: Pipeline): string {
  const {
    stages: _stages,
    monitor: _monitor,
    loggers: _loggers,
    evaluation: _evaluation,
    labels: _labels,
    engine: { precision },
    plugins: _plugins,
    train,
    initial,
    ...rest
  } = pipeline;
  const training = {
    ...rest,
    // Left out at their defaults, so that they do not rename the runs of pipelines that do not mention them.
    train: {
      epochs: train.epochs,
      batch: train.batch,
      ...(train.split === undefined || train.split === 'train' ? {} : { split: train.split }),
    },
    ...(precision === 'float32' ? {} : { engine: { precision } }),
    initial: initial && initialOf(initial),
  };
  return stringify(training, { aliasDuplicateObjects: false, sortMapEntries: true });
}

function initialOf({ convolutions, ...file }: NonNullable<Pipeline['initial']>): Partial<Pipeline['initial']> {
  const chosen = convolutions === 'uniform' ? { convolutions } : undefined;
  return file.weights === undefined && file.run === undefined ? chosen : { ...file, ...chosen };
}

/** A hash of everything that a phase depends on. */
function fingerprint(parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts));
}
