import { sha256 } from '../artifact/checksum.js';
import { bfloat16Obstacle } from '../engine/bfloat16-support.js';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';
import type { Dataset } from '../kinds/data.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { slots, slotsIn } from '../pipeline/references.js';
import { planPlugin } from './plan.js';
import { FOLDER, sharedDataService, TF } from './plugin-service.js';
import { constant, openScope, service, type Scope, type Service } from './scope.js';
import { token, type Token } from './token.js';

/**
 * Opens the scope that the runs of a pipeline share: engines, and datasets with equal options. Makes nothing yet.
 * @param scratch the folder of the temporary files of datasets; default: they get none
 */
export function openProcess(
  loaded: LoadedPipeline,
  note: (line: string) => void = () => undefined,
  scratch?: string,
): Promise<Scope> {
  return openScope('process', processServices(loaded, note, scratch));
}

/** The engine of runs with these settings. */
export function engineToken({ engine }: Pipeline): Token<Engine> {
  if (engine.threads === 'auto') return token(`engine ${engine.use} auto`);
  const { intraOp = 'all', interOp = 'all' } = engine.threads ?? {};
  return token(`engine ${engine.use} ${intraOp}x${interOp}`);
}

/** The dataset of runs with the same data options; a data plugin that needs other plugins is made per run. */
export function datasetToken({ data }: Pipeline): Token<Dataset> {
  const options = sha256(JSON.stringify(data.with)).slice(0, 8);
  return token(`dataset ${data.use} ${options}`);
}

function processServices(
  { registry, folder, cells }: LoadedPipeline,
  note: (line: string) => void,
  scratch: string | undefined,
): Service[] {
  const shared = new Map<symbol, Service>();
  for (const { pipeline, location } of cells) {
    const engine = engineToken(pipeline);
    if (!shared.has(engine))
      shared.set(
        engine,
        service(
          engine,
          [],
          () => open(pipeline, cells, note),
          (opened) => opened.close(),
        ),
      );
    const dataset = datasetToken(pipeline);
    // A plugin that needs others is made for each run; preparing the run reports what is wrong with it.
    for (const slot of slots(pipeline).filter(({ kind }) => kind === 'data')) {
      const needs = [...(registry.get('data', pipeline.data.use)?.needs ?? []), ...slotsIn(slot, registry)];
      if (needs.length === 0 && !shared.has(dataset))
        shared.set(dataset, sharedDataService(dataset, planPlugin(slot, registry, location), location, scratch));
    }
  }
  return [
    service(TF, [], async () => (await import('../engine/random-operations.js')).guardedTf),
    constant(FOLDER, folder),
    ...shared.values(),
  ];
}

/** Opens the engine of a pipeline, which other cells may use too. */
async function open(pipeline: Pipeline, cells: LoadedPipeline['cells'], note: (line: string) => void): Promise<Engine> {
  const engine = await openEngine(pipeline.engine, note);
  const narrows = cells.some(
    ({ pipeline: other }) => other.engine.precision === 'bfloat16' && engineToken(other) === engineToken(pipeline),
  );
  const obstacle = narrows ? bfloat16Obstacle(engine.info) : undefined;
  if (obstacle !== undefined) note(obstacle);
  return engine;
}
