import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { checkFileName, definePlugin, type Logger } from '@ssql/core';

/** Writes the loss of each step as a line of JSON. */
export const logger = definePlugin({
  kind: 'logger',
  name: 'template-name',
  summary: 'One line of JSON for the loss of each step, in the run folder.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: { description: 'Name of the file.', type: 'string', default: 'losses.ndjson' },
    },
  },
  check: ({ file }) => checkFileName(file, 'file'), // before training
  create: ({ file: name }): Logger => ({
    async open({ file: place, step: saved }) {
      const file = place(name);
      // Steps after the last saved one are measured again.
      const lines = saved === 0 ? [] : (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
      const kept = lines.filter((line) => (JSON.parse(line) as { step: number }).step <= saved);
      await writeFile(file, kept.map((line) => `${line}\n`).join(''));
      return {
        metrics: ({ step, loss }) => appendFile(file, `${JSON.stringify({ step, loss })}\n`),
        close: async () => undefined,
      };
    },
  }),
});

export const plugins = [logger];
