import { rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { definePlugin, renderReport } from '@ssql/core';

/** Writes the report page of all runs of a pipeline. */
export const report = definePlugin({
  kind: 'stage',
  name: 'report',
  summary: 'A self-contained HTML page with the results, curves and weights of all runs.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: {
        type: 'string',
        minLength: 1,
        default: 'report.html',
        description: 'Name of the page, in the folder that holds the runs.',
      },
    },
  },
  create: ({ file }) => ({
    scope: 'pipeline',
    async run({ runs, folder }) {
      const page = await renderReport(runs, { title: basename(folder) });
      const target = join(folder, file);
      // Written aside and renamed: a reader sees the old page or the new one, never half a page.
      const unfinished = `${target}.${process.pid}.tmp`;
      await writeFile(unfinished, page);
      await rename(unfinished, target);
    },
  }),
});
