import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { MonitorMetrics, StepMetrics } from '../kinds/run-record.js';
import { checksumWrong } from './artifact-errors.js';
import { sha256 } from './checksum.js';
import { parseLines, readIfThere, readProgress, RUN_FILES } from './run-files.js';
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
  const [speedFile, file] = [join(folder, RUN_FILES.speed), join(folder, RUN_FILES.metrics)];
  const speeds = parseLines<Speed>(speedFile, (await readIfThere(speedFile)) ?? NOTHING, isSpeed);
  const bySteps = new Map(speeds.map(({ step, imagesPerSecond }) => [step, imagesPerSecond]));
  const { metrics: checksum } = await readProgress(folder);
  const bytes = (await readIfThere(file)) ?? NOTHING;
  if (checksum !== undefined && checksum !== sha256(bytes))
    throw checksumWrong(file, `remove \`metrics\` and \`sha256\` from ${RUN_FILES.finished}`);
  const lines = parseLines<Line>(file, bytes, isMetrics);
  // Older runs have the speed among the metrics.
  return lines.map((line) =>
    isMonitorMetrics(line) ? line : { ...line, imagesPerSecond: bySteps.get(line.step) ?? line.imagesPerSecond ?? NaN },
  );
}

const NOTHING = new Uint8Array();

/** What metrics.ndjson held at some time: so many bytes, with this checksum. */
export interface WrittenMetrics {
  readonly bytes: number;
  readonly sha256: string;
}

/** Counts what is written to metrics.ndjson, so that it need not be read again. */
export interface MetricsCount {
  add(text: string): void;
  total(): WrittenMetrics;
}

export function countMetrics(): MetricsCount {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    add(text) {
      hash.update(text);
      bytes += Buffer.byteLength(text);
    },
    total: () => ({ bytes, sha256: hash.copy().digest('hex') }),
  };
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
