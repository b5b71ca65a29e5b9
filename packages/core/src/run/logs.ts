import type { Composition } from '../container/composition.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import type { LoggedRun, RunLog } from '../kinds/logger.js';
import type { Evaluation, MonitorMetrics, StepMetrics } from '../kinds/run-record.js';

/** The logs of a run, combined. */
export interface RunLogs {
  metrics(metrics: StepMetrics): Promise<void>;
  evaluations(evaluations: readonly Evaluation[]): Promise<void>;
  monitored(metrics: MonitorMetrics): Promise<void>;
  /** Closes all of them, even if one fails. @throws the first failure */
  close(): Promise<void>;
}

/**
 * Opens a log of each logger. If one cannot be opened, the previous ones are closed.
 * @param location the location of the logger at an index of the pipeline's list
 * @throws SsqlError of a logger, here and in each call, with the location of its reference; PLUGIN_BROKEN if one fails otherwise
 */
export async function openLogs(
  loggers: Composition['loggers'],
  run: LoggedRun,
  location: (index: number) => Location,
): Promise<RunLogs> {
  const open: { readonly log: RunLog; readonly index: number }[] = [];
  const attempt = async <R>(index: number, work: () => Promise<R> | undefined): Promise<R | undefined> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof SsqlError ? withLocation(error, location(index), HINT) : error;
    }
  };
  const all = async (work: (log: RunLog) => Promise<void> | undefined): Promise<void> => {
    for (const { log, index } of open) await attempt(index, () => work(log));
  };
  const logs: RunLogs = {
    metrics: (metrics) => all((log) => log.metrics(metrics)),
    evaluations: (evaluations) => all((log) => log.evaluations?.(evaluations)),
    monitored: (metrics) => all((log) => log.monitored?.(metrics)),
    async close() {
      const closed = await Promise.allSettled(open.map(({ log, index }) => attempt(index, () => log.close())));
      for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
  try {
    for (const [index, logger] of loggers.entries()) {
      const log = await attempt(index, () => logger.open(run));
      if (log !== undefined) open.push({ log, index });
    }
    return logs;
  } catch (error) {
    // The first failure is more informative than a later failure to close a log.
    await logs.close().catch(() => undefined);
    throw error;
  }
}

const HINT = 'The training is saved. Fix the logger, or remove it from `loggers`. Then continue with --resume.';
