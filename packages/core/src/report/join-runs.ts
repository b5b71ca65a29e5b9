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
  const copies = groupBy(runs, (run) => `${pipelineOf(run).name}/${basename(run.folder)}`);
  const distinct = [...copies.values()].map(([first]) => first!); // `groupBy` makes no empty group
  const several = new Set(distinct.map((run) => pipelineOf(run).name)).size > 1;
  const joined = [...groupBy(distinct, cellKey).values()].flatMap((members) => {
    const trainings = [...new Set(members.map(trainingOf))];
    return members.map((run) => {
      const number = trainings.indexOf(trainingOf(run));
      const variant = trainings.length > 1 ? { training: number + 1 } : {};
      return {
        ...run,
        cell: { ...(several && { pipeline: pipelineOf(run).name }), ...run.cell, ...seedOutside(run), ...variant },
        ...suffixed(run, number > 0 ? ` (${number + 1})` : ''),
      };
    });
  });
  return distinguished(joined);
}

/** The seed of a run whose matrix has none: runs are paired by it. */
function seedOutside(run: RunRecord): { readonly seed?: unknown } {
  return Object.keys(run.cell).some((path) => lastName(path) === 'seed') ? {} : { seed: pipelineOf(run)['seed'] };
}

/** Adds the name of the pipeline to labels that runs of several pipelines have. */
function distinguished(runs: readonly RunRecord[]): readonly RunRecord[] {
  return runs.map((run) => {
    const { name } = pipelineOf(run);
    const shared = runs.some((other) => other.group === run.group && pipelineOf(other).name !== name);
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

function pipelineOf({ pipeline }: RunRecord): ResolvedPipeline {
  return parse(pipeline) as ResolvedPipeline; // written by `writePipeline`
}

function cellKey(run: RunRecord): string {
  return JSON.stringify([
    pipelineOf(run).name,
    ...Object.entries(run.cell).filter(([path]) => lastName(path) !== 'seed'),
  ]);
}

/** What training depends on besides the seed and the machine. */
function trainingOf(run: RunRecord): string {
  const { seed: _seed, name: _name, engine, stages: _stages, ...rest } = pipelineOf(run);
  const { monitor: _monitor, loggers: _loggers, evaluation: _evaluation, labels: _labels, ...training } = rest;
  return JSON.stringify({ ...training, precision: isRecord(engine) ? engine['precision'] : undefined });
}
