import { join } from 'node:path';
import { readRun } from '../artifact/read-run.js';
import { claimRuns, openRunFolder } from '../artifact/run-folder.js';
import { removeUnfinished } from '../artifact/write-atomic.js';
import { openProcess } from '../container/process-scope.js';
import { within } from '../container/scope.js';
import type { RunRecord } from '../kinds/run-record.js';
import { openPipeline, type LoadOptions, type PipelineSource } from '../pipeline/load.js';
import { manifestOf } from './manifest-of-run.js';
import { costsOf } from './costs-of-run.js';
import { planClosingStages, planPhases, stageFingerprints } from './phases.js';
import { eventStream } from './event-stream.js';
import { prepareRuns, type OpenRun, type PlannedOpenRun } from './prepare-runs.js';
import { noteTo, type RunEvent } from './run-event.js';
import { completeOptions, type RunOptions } from './run-options.js';
import { RUN } from './prepared-run.js';
import { settleThreads } from './settle-threads.js';
import { RUN_FOLDER, sessionServices } from './session.js';

export interface PipelineResult {
  /** The folder of the runs and of files that stages wrote about all runs. */
  readonly folder: string;
  readonly runs: readonly RunRecord[];
  /** Files that the pipeline's stages published, such as a report. */
  readonly documents: readonly { readonly title: string; readonly file: string }[];
}

/**
 * A pipeline that runs: a promise of its result, and its events from the moment at which a loop begins. Leaving the loop does not stop the
 * pipeline; the option `signal` does. If the pipeline fails, promise and loop throw the reason.
 */
export type PipelineRun = Promise<PipelineResult> & AsyncIterable<RunEvent>;

/**
 * Runs a pipeline: for each cell of its matrix, pretraining and then its stages; at the end, the stages of the whole pipeline. A finished
 * phase is skipped if nothing that it depends on changed.
 * @param source a file, the content of one, or a loaded pipeline
 * @param chosen options, all of which have defaults; those of `loadPipeline` apply to what is not loaded yet
 * @throws PipelineErrors with all problems that can be found before the first step; SsqlError for options that are wrong, and for later failures.
 * Saved files are kept.
 */
export function runPipeline(source: PipelineSource, chosen: Partial<RunOptions> & LoadOptions = {}): PipelineRun {
  return eventStream(async (emit) => {
    const options = completeOptions(chosen);
    const onEvent = (event: RunEvent): void => {
      options.onEvent(event);
      emit(event);
    };
    return run(source, chosen, { ...options, onEvent });
  });
}

async function run(source: PipelineSource, loading: LoadOptions, options: RunOptions): Promise<PipelineResult> {
  const loaded = await openPipeline(source, loading);
  const folder = join(options.folder, loaded.name);
  return within(await openProcess(loaded, noteTo(options.onEvent), folder), async (process) => {
    const runs = await prepareRuns(process, loaded, options);
    let release: (() => Promise<void>) | undefined;
    try {
      release = await claimRuns(runs.map(({ path }) => path));
      if (options.fresh) for (const { path } of runs) await openRunFolder(path, options);
      options.onEvent({ type: 'planned', runs: runs.map(planOf) });
      const records: RunRecord[] = [];
      for (const [index, run] of runs.entries()) {
        const began = performance.now();
        const record = await executeRun(run, options);
        const seconds = isPending(run) ? { seconds: (performance.now() - began) / 1000 } : {};
        options.onEvent({ type: 'finished', run: run.place, record, ...seconds });
        records.push(record);
        // The last run's plugins are also those of the closing stages.
        if (index < runs.length - 1) await run.scope.close();
      }
      const documents: { title: string; file: string }[] = [];
      const publish = (title: string, file: string): void => void documents.push({ title, file });
      // Other processes may be writing there, each page within seconds.
      await removeUnfinished(folder, ABANDONED);
      for (const last of runs.slice(-1))
        for (const stage of await planClosingStages(last, folder, options)) await stage.run(records, publish);
      return { folder, runs: records, documents };
    } finally {
      await release?.();
    }
  });
}

/** Seconds after which nobody writes a file any more that has not its name yet. */
const ABANDONED = 60;

function planOf(run: PlannedOpenRun) {
  const { done = 0, total = 0 } = run.phases.find(({ steps }) => steps !== undefined)?.steps ?? {};
  return { run: run.place, steps: { done, total }, pending: isPending(run) };
}

function isPending({ phases }: PlannedOpenRun): boolean {
  return phases.some(({ state }) => state === 'to run');
}

/** Runs the phases of a run that are not finished. */
async function executeRun(run: OpenRun, options: RunOptions): Promise<RunRecord> {
  const { scope, cell, identity, engine, path, place } = run;
  await engine.activate();
  // With `fresh`, the folder was emptied before this session.
  const phases = await planPhases(run, { fresh: false });
  const pending = phases.filter(({ state }) => state === 'to run');
  const session = await scope.open('session', sessionServices(path, options, place));
  const folder = await within(session, async () => {
    const folder = await session.get(RUN_FOLDER);
    await folder.writePipeline(cell.yaml);
    if (pending.length > 0) {
      const prepared = await session.get(RUN);
      await settleThreads(prepared, options, path);
      await folder.writeManifest(await manifestOf(prepared, options, path));
      await folder.writeCosts(costsOf(prepared));
    }
    await folder.begin(identity.trainingFingerprint);
    for (const each of pending) await each.run(session, options);
    await folder.arrangeStages(stageFingerprints(run));
    return folder;
  });
  await folder.finishRun();
  return readRun(path);
}
