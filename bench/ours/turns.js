import { createInterface } from 'node:readline';
import { definePlugin } from '@ssql/core';

/** Waits after the steps of a turn until the measuring process asks for the next one. */
const turns = definePlugin({
  kind: 'logger',
  name: 'turns',
  summary: 'Writes a line after each turn and waits for one; does not wait after the end of the input.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { steps: { type: 'integer', minimum: 1, default: 1 } },
  },
  create: ({ steps }) => ({
    open: async () => {
      const input = createInterface({ input: process.stdin });
      const requests = input[Symbol.asyncIterator]();
      return {
        async metrics({ step }) {
          if (step % steps !== 0) return;
          console.log(`step ${step}`);
          await requests.next();
        },
        async close() {
          input.close();
          process.stdin.destroy(); // the process would wait for more
        },
      };
    },
  }),
});

export const plugins = [turns];
