import { basename } from 'node:path';
import { parse } from 'yaml';
import type { RunRecord } from '../kinds/run-record.js';
import { isRecord } from '../values.js';
import { groupBy } from './group-by.js';
import { lastName } from './run-groups.js';

/**
 * The runs of several pipelines, and of several machines, as if one matrix had made them. Runs of one pipeline that differ only in their seed
 * stay a group, wherever they ran; those of different pipelines, and those of one name that were trained differently, do not. Of copies of a
 * run, the first counts.
 */
export function joinRuns(runs: readonly RunRecord[]): readonly RunRecord[] {
  const resolved = runs.map((run): ResolvedRun => ({ run, pipeline: parse(run.pipeline) as ResolvedPipeline })); // written by `writePipeline`
  const copies = groupBy(resolved, ({ run, pipeline }) => `${pipeline.name}/${basename(run.folder)}`);
  const distinct = [...copies.values()].map(([first]) => first!); // `groupBy` makes no empty group
  const several = new Set(distinct.map(({ pipeline }) => pipeline.name)).size > 1;
  const joined = [...groupBy(distinct, cellKey).values()].flatMap((members) => {
    const trainings = [...new Set(members.map(trainingOf))];
    return members.map(({ run, pipeline }): ResolvedRun => {
      const number = trainings.indexOf(trainingOf({ run, pipeline }));
      const variant = trainings.length > 1 ? { training: number + 1 } : {};
      const cell = {
        ...(several && { pipeline: pipeline.name }),
        ...run.cell,
        ...seedOutside({ run, pipeline }),
        ...variant,
      };
      return { run: { ...run, cell, ...suffixed(run, number > 0 ? ` (${number + 1})` : '') }, pipeline };
    });
  });
  return distinguished(joined);
}

/** A run, and its pipeline that was read once. */
interface ResolvedRun {
  readonly run: RunRecord;
  readonly pipeline: ResolvedPipeline;
}

/** The seed of a run whose matrix has none: runs are paired by it. */
function seedOutside({ run, pipeline }: ResolvedRun): { readonly seed?: unknown } {
  return Object.keys(run.cell).some((path) => lastName(path) === 'seed') ? {} : { seed: pipeline['seed'] };
}

/** Adds the name of the pipeline to labels that runs of several pipelines have. */
function distinguished(runs: readonly ResolvedRun[]): readonly RunRecord[] {
  return runs.map(({ run, pipeline: { name } }) => {
    const shared = runs.some((other) => other.run.group === run.group && other.pipeline.name !== name);
    return shared ? { ...run, ...suffixed(run, ` (${name})`) } : run;
  });
}

function suffixed({ label, group }: RunRecord, ending: string): Pick<RunRecord, 'label' | 'group'> {
  return { label: label === '' ? label : `${label}${ending}`, group: `${group}${ending}` };
}

interface ResolvedPipeline {
  readonly name: string;
  readonly [key: string]: unknown;
}

function cellKey({ run, pipeline }: ResolvedRun): string {
  return JSON.stringify([pipeline.name, ...Object.entries(run.cell).filter(([path]) => lastName(path) !== 'seed')]);
}

/** What training depends on besides the seed and the machine. */
function trainingOf({ pipeline }: ResolvedRun): string {
  const { seed: _seed, name: _name, engine, stages: _stages, ...rest } = pipeline;
  const { monitor: _monitor, loggers: _loggers, evaluation: _evaluation, labels: _labels, ...training } = rest;
  return JSON.stringify({ ...training, precision: isRecord(engine) ? engine['precision'] : undefined });
}
