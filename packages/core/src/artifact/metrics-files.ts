import { join } from 'node:path';
import type { MonitorMetrics, StepMetrics } from '../kinds/run-record.js';
import { parseLines, RUN_FILES } from './run-files.js';
import { isMetrics, isSpeed } from './run-shapes.js';

type Line = StepMetrics | MonitorMetrics;

interface Speed {
  readonly step: number;
  readonly imagesPerSecond: number;
}

/**
 * The metrics of a run, without last lines that a crash truncated. Speeds have a file of their own, so that the other one is a function
 * of the pipeline, to the byte; a step without a speed gets NaN. @throws SsqlError RUN_CORRUPT
 */
export async function readMetrics(folder: string): Promise<readonly Line[]> {
  const speeds = await parseLines<Speed>(join(folder, RUN_FILES.speed), isSpeed);
  const bySteps = new Map(speeds.map(({ step, imagesPerSecond }) => [step, imagesPerSecond]));
  const lines = await parseLines<Line>(join(folder, RUN_FILES.metrics), isMetrics);
  // Older runs have the speed among the metrics.
  return lines.map((line) =>
    isMonitorMetrics(line) ? line : { ...line, imagesPerSecond: bySteps.get(line.step) ?? line.imagesPerSecond ?? NaN },
  );
}

/** Lines of the two files. */
export function metricsLines(line: Line): { readonly metrics: string; readonly speed: string } {
  if (isMonitorMetrics(line)) return { metrics: textOf(line), speed: '' };
  const { imagesPerSecond, ...metrics } = line;
  return { metrics: textOf(metrics), speed: textOf({ step: line.step, imagesPerSecond }) };
}

function textOf(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

/** Whether a line comes from the monitor rather than from a step. */
export function isMonitorMetrics(line: Line): line is MonitorMetrics {
  return 'evaluations' in line;
}
