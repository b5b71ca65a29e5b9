import { definePlugin } from '@ssql/core';

// Milliseconds since the process started.
const imported = performance.now();

/** Prints when a run reached its phases, and ends the process after the first step. */
const startClock = definePlugin({
  kind: 'logger',
  name: 'start-clock',
  summary: 'Prints when the phases until the first step ended, and ends the process.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create() {
    const created = performance.now();
    return {
      async open() {
        const opened = performance.now();
        return {
          async metrics() {
            const marks = { imported, created, opened, stepped: performance.now() };
            process.stdout.write(`${JSON.stringify(marks)}\n`, () => process.exit());
            await new Promise(() => undefined);
          },
          async close() {},
        };
      },
    };
  },
});

export const plugins = [startClock];
