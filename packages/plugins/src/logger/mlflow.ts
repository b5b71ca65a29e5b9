import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { definePlugin, writeAtomic, writeError } from '@ssql/core';
import { valuesOfMonitor, valuesOfStages, valuesOfStep, type LoggedValues } from './logged-values.js';

/** Writes a file store of MLflow with one experiment, named after the pipeline, and one run. */
export const mlflow = definePlugin({
  kind: 'logger',
  name: 'mlflow',
  summary:
    'A file store of MLflow, the folder `mlruns` in the run folder: metrics of each step, evaluations, and results of the monitor under `monitor/`. Copies of the stores of several runs into one folder make one store.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    async open({ file, name, step: saved, steps, now }) {
      const store = file('mlruns');
      const [pipeline = ''] = name.split('/');
      const [experimentId, runId] = [numberOf(pipeline), createHash('md5').update(name).digest('hex')];
      const experiment = join(store, experimentId);
      const run = join(experiment, runId);
      const metrics = join(run, 'metrics');
      const attempt = async (work: () => Promise<unknown>): Promise<void> => {
        await work().catch((error: unknown) => {
          throw writeError(store, error);
        });
      };
      const started = now();
      const describe = (status: number, ended?: number): Promise<void> =>
        writeAtomic(
          join(run, 'meta.yaml'),
          yaml({ ...runMeta(experimentId, runId, name, started), status, end_time: ended }),
        );
      const add = (step: number, values: LoggedValues): Promise<void> =>
        attempt(() =>
          Promise.all(
            Object.entries(values).map(async ([metric, value]) => {
              const path = join(metrics, ...metricPath(metric));
              await mkdir(dirname(path), { recursive: true });
              await appendFile(path, `${Math.round(now())} ${numberText(value)} ${step}\n`);
            }),
          ),
        );
      await attempt(async () => {
        if (saved === 0) await rm(store, { recursive: true, force: true });
        for (const folder of ['artifacts', 'metrics', 'params', 'tags'])
          await mkdir(join(run, folder), { recursive: true });
        await dropAfter(metrics, saved);
      });
      await writeAtomic(join(experiment, 'meta.yaml'), yaml(experimentMeta(experimentId, pipeline, started)));
      await writeAtomic(join(run, 'tags', 'mlflow.runName'), name);
      await describe(STATUS.running);
      let last = saved;
      return {
        metrics(step) {
          last = step.step;
          return add(last, valuesOfStep(step));
        },
        async monitored(results) {
          // The last session may have logged these results before it ended.
          if (results.step <= saved) await attempt(() => dropAfter(join(metrics, 'monitor'), results.step - 1));
          await add(results.step, valuesOfMonitor(results));
        },
        evaluations: (evaluations) => add(last, valuesOfStages(evaluations)),
        close: () => describe(last < steps ? STATUS.killed : STATUS.finished, now()),
      };
    },
  }),
});

/** From mlflow.entities.RunStatus and SourceType. */
const STATUS = { running: 1, finished: 3, killed: 5 };
const LOCAL_SOURCE = 4;

function experimentMeta(id: string, pipeline: string, started: number): Meta {
  return {
    artifact_location: `mlruns/${id}`,
    creation_time: Math.round(started),
    experiment_id: id,
    last_update_time: Math.round(started),
    lifecycle_stage: 'active',
    name: pipeline,
  };
}

function runMeta(experimentId: string, runId: string, name: string, started: number): Meta {
  return {
    artifact_uri: `mlruns/${experimentId}/${runId}/artifacts`,
    entry_point_name: '',
    experiment_id: experimentId,
    lifecycle_stage: 'active',
    run_id: runId,
    run_name: name,
    source_name: '',
    source_type: LOCAL_SOURCE,
    source_version: '',
    start_time: Math.round(started),
    tags: [],
    user_id: '',
  };
}

interface Meta {
  readonly [key: string]: string | number | readonly never[] | undefined;
}

/** JSON values are YAML, and what has no value yet is null. */
function yaml(meta: Meta): string {
  return Object.entries(meta)
    .map(([key, value]) => `${key}: ${value === undefined ? 'null' : JSON.stringify(value)}\n`)
    .join('');
}

/** An experiment's id, which is a number: the same for all runs of a pipeline, so that their stores can be joined. */
function numberOf(pipeline: string): string {
  return String(createHash('md5').update(pipeline).digest().readUIntBE(0, 6) + 1);
}

/** MLflow allows word characters, `.`, `-`, spaces and `/` in names on every system. */
function metricPath(metric: string): string[] {
  const segments = metric.split('/').map((segment) => segment.replace(/[^\w.\- ]/g, '_'));
  return segments.map((segment) => (/^\.*$/.test(segment) ? '_' : segment));
}

/** As Python reads numbers. */
function numberText(value: number): string {
  return String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
}

/** Drops the lines of later steps from all metrics of a folder, and a line that a crash cut off. */
async function dropAfter(folder: string, step: number): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    const kept = lines.filter((line) => Number(line.split(' ')[2]) <= step);
    if (kept.length === 0) await rm(path);
    else await writeAtomic(path, kept.map((line) => `${line}\n`).join(''));
  }
}
