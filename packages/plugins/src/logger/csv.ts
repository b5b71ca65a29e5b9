import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import {
  checkFileName,
  definePlugin,
  refuseSpecialFile,
  SsqlError,
  writeAtomic,
  writeError,
  type StepMetrics,
} from '@ssql/core';

/** Writes a row for the metrics of each step to one table, and the results of the monitor to another. */
export const csv = definePlugin({
  kind: 'logger',
  name: 'csv',
  summary:
    'CSV files in the run folder: one row of metrics per step, and a second file with the results of the monitor.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: {
        type: 'string',
        pattern: '^[^/\\\\]+\\.csv$',
        default: 'metrics.csv',
        description: 'Name of the file. The second file is named after it: metrics.monitor.csv.',
      },
    },
  },
  check: ({ file = 'metrics.csv' }) => [file, monitorOf(file)].forEach((name) => checkFileName(name, 'file')),
  create: ({ file: name }) => ({
    async open({ file, step: saved }) {
      const monitorFile = file(monitorOf(name));
      if (saved === 0) await rm(monitorFile, { force: true }).catch((error: unknown) => refuse(monitorFile, error));
      const steps = await openTable(file(name), saved);
      let monitor: Table | undefined;
      return {
        metrics: (metrics) => steps.add(cellsOf(metrics)),
        async monitored({ step, epochs, evaluations }) {
          // Rows of this step are written anew: the last session may have ended between them.
          monitor ??= await openTable(monitorFile, Math.min(saved, step - 1));
          for (const { stage, precision, classifier, metric, value } of evaluations)
            await monitor.add(Object.entries({ step, epochs, stage, precision, classifier, metric, value }));
        },
        async close() {
          await Promise.all([steps.close(), monitor?.close()]);
        },
      };
    },
  }),
});

/** The name of the second file. */
function monitorOf(name: string): string {
  return name.replace(/\.csv$/, '.monitor.csv');
}

type Cell = readonly [column: string, value: string | number];

interface Table {
  /** Adds a row; the first cell is the step. @throws SsqlError CSV_COLUMNS */
  add(cells: readonly Cell[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens a table and continues after the last saved step. */
async function openTable(file: string, saved: number): Promise<Table> {
  const rows = await keptRows(file, saved);
  await writeAtomic(file, rows.map((row) => `${row}\n`).join(''));
  const handle = await open(file, 'a').catch((error: unknown) => refuse(file, error));
  let [header] = rows;
  return {
    async add(cells) {
      const columns = cells.map(([column]) => quoted(column)).join();
      header ??= await append(handle, file, columns);
      if (columns !== header) throw csvColumns(cells[0]![1], header, columns);
      await append(handle, file, cells.map(([, value]) => quoted(String(value))).join());
    },
    close: () => handle.close(),
  };
}

/** Rows of an earlier session up to the last saved step, header first; none if the run starts from the beginning. */
async function keptRows(file: string, step: number): Promise<string[]> {
  if (step <= 0) return [];
  refuseSpecialFile(file);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    return refuse(file, error);
  });
  // Text after the last line break is a row that a crash cut off.
  const rows = text.split('\n').slice(0, -1);
  return rows.filter((row, index) => index === 0 || Number.parseInt(row, 10) <= step);
}

async function append(handle: FileHandle, file: string, row: string): Promise<string> {
  await handle.appendFile(`${row}\n`).catch((error: unknown) => refuse(file, error));
  return row;
}

function refuse(file: string, error: unknown): never {
  throw writeError(file, error);
}

/** The step comes first: `keptRows` reads it. */
function cellsOf({ step, parts, precision = '', ...rest }: StepMetrics): Cell[] {
  const named = Object.entries(parts).map(([name, value]) => [`parts.${name}`, value] as const);
  return [['step', step], ...Object.entries(rest), ['precision', precision], ...named];
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The metrics of a step differ from the columns of the table.
 * @remedy Remove `csv` from `loggers`; metrics.ndjson has all metrics.
 */
function csvColumns(step: string | number, header: string, columns: string): SsqlError {
  return new SsqlError('CSV_COLUMNS', `csv: step ${step} has the metrics ${columns}; expected the columns ${header}.`);
}
