import { definePlugin, EventFile } from '@ssql/core';
import { valuesOfMonitor, valuesOfStages, valuesOfStep } from './logged-values.js';

/** Writes event files for TensorBoard, one per session of a run. */
export const tensorboard = definePlugin({
  kind: 'logger',
  name: 'tensorboard',
  summary:
    'Event files for TensorBoard in the run folder: metrics of each step, evaluations, and results of the monitor under `monitor/`.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    async open({ file, step: saved, now }) {
      const seconds = (): number => now() / 1000;
      const events = await EventFile.open(file, seconds(), saved);
      let last = saved;
      return {
        async metrics(metrics) {
          last = metrics.step;
          await events.scalars(last, valuesOfStep(metrics), seconds());
        },
        evaluations: (evaluations) => events.scalars(last, valuesOfStages(evaluations), seconds()),
        monitored: (metrics) => events.scalars(metrics.step, valuesOfMonitor(metrics), seconds()),
        close: () => events.close(),
      };
    },
  }),
});
