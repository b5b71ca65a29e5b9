import { once } from 'node:events';
import { definePlugin } from '@ssql/core';

/** Stands still after each step until the process that measures asks for the next one. */
const turns = definePlugin({
  kind: 'logger',
  name: 'turns',
  summary: 'Writes a line after each step, and waits for one.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    open: async () => ({
      async metrics({ step }) {
        console.log(`step ${step}`);
        await once(process.stdin, 'data');
      },
      async close() {
        process.stdin.destroy(); // the process would wait for more
      },
    }),
  }),
});

export const plugins = [turns];
