import { join } from 'node:path';
import { admitRun } from '../artifact/run-folder.js';
import { ENGINE, runServices } from '../container/run-scope.js';
import type { Scope } from '../container/scope.js';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import type { Engine } from '../engine/engine.js';
import type { RunIdentity } from './identity.js';
import { planPhases, type Phase } from './phases.js';
import { DATASET, IDENTITY, preparedRunServices, RUN, type PreparedRun } from './prepared-run.js';
import type { OnEvent, RunPlace } from './run-event.js';
import type { RunOptions } from './run-options.js';
import { isLeftOut } from './unlabelled-split.js';

/** A run with its folder and its scope, which makes `RUN` if a phase needs it. */
export interface OpenRun {
  readonly scope: Scope;
  readonly engine: Engine;
  readonly cell: LoadedCell;
  readonly identity: RunIdentity;
  /** The path of its folder. */
  readonly path: string;
  readonly place: RunPlace;
}

/** A run with its phases. */
export interface PlannedOpenRun extends OpenRun {
  readonly phases: readonly Phase[];
}

/**
 * Prepares every cell that is not finished, and reports all their problems before the first one is trained. Writes nothing.
 * @param process the scope of `openProcess`
 * @returns runs whose scopes close with `process`
 * @throws PipelineErrors
 */
export async function prepareRuns(
  process: Scope,
  loaded: LoadedPipeline,
  options: Pick<RunOptions, 'folder' | 'resume' | 'fresh' | 'version' | 'onEvent'>,
): Promise<readonly PlannedOpenRun[]> {
  const opened: PlannedOpenRun[] = [];
  const problems = new Map<string, SsqlError>();
  const notes = new Set<string>(loaded.notes);
  const { cells } = loaded;
  for (const [index, cell] of cells.entries()) {
    try {
      const services = [
        ...runServices(loaded, cell, options.folder),
        ...preparedRunServices(loaded, cell, options.version),
      ];
      const scope = await process.open('run', services);
      // Plugins may make tensors, so the engine is activated first.
      const engine = await scope.get(ENGINE);
      await engine.activate();
      const identity = await scope.get(IDENTITY);
      for (const note of (await scope.get(DATASET)).notes ?? []) notes.add(note);
      const path = join(options.folder, loaded.name, identity.id);
      await admitRun(path, options, identity.trainingFingerprint);
      const place = { number: index + 1, of: cells.length, label: cell.label || cell.group, folder: path };
      const run = { scope, engine, cell, identity, path, place };
      const phases = await planPhases(run, options);
      if (phases.some(({ state }) => state === 'to run')) {
        noteCalibration(await scope.get(RUN), options.onEvent);
        for (const name of leftOut(await scope.get(RUN)))
          notes.add(`The stage \`${name}\` needs labels and is left out, because the images have none.`);
      }
      opened.push({ ...run, phases });
    } catch (error) {
      const errors = error instanceof PipelineErrors ? error.errors : error instanceof SsqlError ? [error] : undefined;
      if (errors === undefined) throw error;
      for (const problem of errors) {
        const { code, message, details } = problem;
        problems.set(JSON.stringify([code, message, details.location?.line, details.location?.column]), problem);
      }
    }
  }
  for (const text of notes) options.onEvent({ type: 'note', text });
  if (problems.size === 0) return opened;
  throw new PipelineErrors([...problems.values()]);
}

/** The stages that a run leaves out. */
function leftOut({ cell, composition: { stages, evaluated } }: PreparedRun): readonly string[] {
  return stages.filter(({ stage }) => isLeftOut(stage, evaluated, cell)).map(({ name }) => name);
}

/** Says that there are fewer images than calibration asks for. */
function noteCalibration({ cell, composition: { evaluated } }: PreparedRun, onEvent: OnEvent): void {
  const { samples } = cell.pipeline.evaluation.calibration;
  const { size } = evaluated.train;
  if (samples <= size) return;
  const text = `Calibration uses all ${size} training images; \`evaluation.calibration.samples\` is ${samples}.`;
  onEvent({ type: 'note', text });
}
