import { definePlugin } from '@ssql/core';
import { valuesOfMonitor, valuesOfStages, valuesOfStep, type LoggedValues } from './logged-values.js';
import { WandbFile } from './wandb-file.js';

/** The exit status of a process that Ctrl-C ends, as wandb records it. */
const INTERRUPTED = 255;

/** Writes an offline run of Weights & Biases. Nothing is sent anywhere. */
export const wandb = definePlugin({
  kind: 'logger',
  name: 'wandb',
  summary:
    'An offline run of Weights & Biases in the run folder, which `wandb sync <run folder>` uploads: metrics of each step, results of the monitor under `monitor/`, evaluations as the summary.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    async open({ file, name, step: saved, steps, now }) {
      const id = name.replace(/[^\w-]+/g, '-');
      const log = await WandbFile.open(file(`run-${id}.wandb`), { id, name, started: now(), step: saved });
      let { last } = log;
      // W&B has one row for a step. It is written when the next step comes, because the monitor's results belong to it.
      const add = async (step: number, values: LoggedValues): Promise<void> => {
        if (last && last.step !== step) await log.row(last);
        last = { step, values: { ...(last?.step === step && last.values), ...values, _timestamp: now() / 1000 } };
      };
      return {
        metrics: (metrics) => add(metrics.step, valuesOfStep(metrics)),
        monitored: (metrics) => add(metrics.step, valuesOfMonitor(metrics)),
        evaluations: (evaluations) => log.summary(valuesOfStages(evaluations)),
        async close() {
          try {
            if (last) await log.row(last);
            // As wandb ends an interrupted run.
            await log.exit(last && last.step >= steps ? 0 : INTERRUPTED);
          } finally {
            await log.close();
          }
        },
      };
    },
  }),
});
