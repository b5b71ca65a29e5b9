import { basename, dirname } from 'node:path';
import { checkFileName, definePlugin, renderReport, writeAtomic } from '@ssql/core';

const NAME = 'report.html';

/** Writes the report page of all runs of a pipeline. */
export const report = definePlugin({
  kind: 'stage',
  name: 'report',
  summary: 'Writes a self-contained HTML page with the results, curves and weight distributions of all runs.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: {
        type: 'string',
        pattern: '^[^/\\\\:]+\\.html$',
        default: NAME,
        description: 'Name of the page, in the folder that contains the runs.',
      },
    },
  },
  check: ({ file = NAME }) => checkFileName(file, 'file'),
  create: ({ file }) => ({
    scope: 'pipeline',
    async run({ runs, file: place, publish }) {
      const path = place(file);
      await writeAtomic(path, await renderReport(runs, { title: basename(dirname(path)) }));
      publish('Report', path);
    },
  }),
});
