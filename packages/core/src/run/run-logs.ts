import type { Evaluation, MonitorMetrics, StepMetrics } from '../kinds/run-record.js';
import type { Composition } from '../container/compose.js';
import { guard, type Members } from '../container/guard.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import type { LoggedRun, RunLog } from '../kinds/logger.js';

/** The logs of a run, as one. */
export interface RunLogs {
  metrics(metrics: StepMetrics): Promise<void>;
  evaluations(evaluations: readonly Evaluation[]): Promise<void>;
  monitored(metrics: MonitorMetrics): Promise<void>;
}

/**
 * Does what is to be logged, with a log of each logger open; closes all of them, also on failure.
 * @param location where a pipeline writes its logger at an index
 * @throws SsqlError of a logger, with the place of its reference; PLUGIN_BROKEN where one fails otherwise; and what `work` throws
 */
export async function withLogs<T>(
  loggers: Composition['loggers'],
  run: LoggedRun,
  location: (index: number) => Location,
  work: (logs: RunLogs) => Promise<T>,
): Promise<T> {
  const open: { readonly log: RunLog; readonly index: number }[] = [];
  const attempt = async <R>(index: number, what: () => Promise<R> | undefined): Promise<R | undefined> => {
    try {
      return await what();
    } catch (error) {
      throw error instanceof SsqlError ? withLocation(error, location(index), HINT) : error;
    }
  };
  const all = async (what: (log: RunLog) => Promise<void> | undefined): Promise<void> => {
    for (const { log, index } of open) await attempt(index, () => what(log));
  };
  const close = async (): Promise<void> => {
    const closed = await Promise.allSettled(open.map(({ log, index }) => attempt(index, () => log.close())));
    for (const one of closed) if (one.status === 'rejected') throw one.reason;
  };

  let result: T;
  try {
    for (const [index, { name, from, logger }] of loggers.entries()) {
      const own = { kind: 'logger', name, from, location: location(index) } as const;
      const log = await attempt(index, async () => guard(await logger.open(run), own, RUN_LOG));
      if (log !== undefined) open.push({ log, index });
    }
    result = await work({
      metrics: (metrics) => all((log) => log.metrics(metrics)),
      evaluations: (evaluations) => all((log) => log.evaluations?.(evaluations)),
      monitored: (metrics) => all((log) => log.monitored?.(metrics)),
    });
  } catch (error) {
    // What failed first says more than a log that cannot be closed after it.
    await close().catch(() => undefined);
    throw error;
  }
  await close();
  return result;
}

const RUN_LOG: Members = { metrics: 'function', close: 'function' };

const HINT =
  'What was trained is saved. Mend the logger, or take it out of `loggers`: nothing depends on it. Then go on with --resume.';
