import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { definePlugin, SsqlError, writeAtomic, writeError, type StepMetrics } from '@ssql/core';

/** Writes the metrics of each step as a row of a table. */
export const csv = definePlugin({
  kind: 'logger',
  name: 'csv',
  summary: 'A table of the metrics, a row a step, in the folder of the run: for spreadsheets.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: { type: 'string', pattern: '^[^/\\\\]+\\.csv$', default: 'metrics.csv', description: 'Name of the file.' },
    },
  },
  create: ({ file: name }) => ({
    async open({ folder, step }) {
      const file = join(folder, name);
      const rows = await keptRows(file, step);
      await writeAtomic(file, rows.map((row) => `${row}\n`).join(''));
      const handle = await open(file, 'a').catch((error: unknown) => refuse(file, error));
      let [header] = rows;
      return {
        async metrics(metrics) {
          const cells = cellsOf(metrics);
          const columns = cells.map(([column]) => column).join();
          header ??= await append(handle, file, columns);
          if (columns !== header) throw csvColumns(metrics.step, header, columns);
          await append(handle, file, cells.map(([, value]) => value).join());
        },
        close: () => handle.close(),
      };
    },
  }),
});

/** What an earlier session wrote up to the step that it saved last, its header first; nothing of a run that starts anew. */
async function keptRows(file: string, step: number): Promise<string[]> {
  if (step === 0) return [];
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  // Behind the last line break is what a crash cut short.
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

/** The step first: rows are told by it. */
function cellsOf({ step, parts, precision = '', ...rest }: StepMetrics): [column: string, value: string][] {
  const named = Object.entries(parts).map(([name, value]) => [`parts.${name}`, value] as const);
  const cells = [['step', step] as const, ...Object.entries(rest), ['precision', precision] as const, ...named];
  return cells.map(([column, value]) => [quoted(column), quoted(String(value))]);
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A step has other metrics than those before it, for which the table has no columns.
 * @remedy Take `csv` out of `loggers`; metrics.ndjson has them all.
 */
function csvColumns(step: number, header: string, columns: string): SsqlError {
  return new SsqlError('CSV_COLUMNS', `Step ${step} has the metrics ${columns}; the table has ${header}.`);
}
