import { describeRun } from '../artifact/manifest.js';
import { readMetrics } from '../artifact/metrics-files.js';
import { readManifest, readProgress } from '../artifact/run-files.js';
import type { RunRecord } from '../kinds/run-record.js';
import { precisionChoices } from '../train/precision-choices.js';
import type { PreparedRun } from './prepared-run.js';
import { noteTo } from './run-event.js';
import type { RunOptions } from './run-options.js';

/**
 * The manifest of a run. A resumed run keeps its original manifest and adds each session.
 * @param path the run's folder
 */
export async function manifestOf(
  { engine, cell, plugins, composition }: PreparedRun,
  { version, onEvent }: Pick<RunOptions, 'version' | 'onEvent'>,
  path: string,
): Promise<RunRecord['manifest']> {
  const facts = describeRun({
    version,
    engine: engine.info,
    plugins: plugins.map(({ name, version = 'unknown' }) => ({ name, version })),
    data: { name: composition.dataset.name, fingerprint: composition.dataset.fingerprint },
    seed: cell.pipeline.seed,
    cell: cell.cell,
    label: cell.label,
    group: cell.group,
    quantized: cell.pipeline.train.epochs > 0 && precisionChoices(composition.wrapper).length > 0,
    now: new Date(),
  });
  if ((await readMetrics(path)).length === 0) return facts;
  const before = await readManifest(path);
  const trained = (await readProgress(path)).phases['pretrain'] !== undefined;
  const [began, now] = [JSON.stringify(before['engine']), JSON.stringify(engine.info)];
  if (began !== now && !trained)
    noteTo(onEvent)(
      `The run started with the engine ${began} and continues with ${now}. Its bytes will differ from those of a single engine.`,
    );
  const sessions = Array.isArray(before['sessions']) ? (before['sessions'] as readonly unknown[]) : [];
  return { ...before, sessions: [...sessions, { engine: engine.info, ssql: version, date: facts['date'] }] };
}
