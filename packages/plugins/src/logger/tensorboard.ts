import { definePlugin, EventFile, type Evaluation } from '@ssql/core';

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
        async metrics({ step, loss, parts, learningRate, featureStd, imagesPerSecond }) {
          last = step;
          await events.scalars(step, { loss, ...parts, learningRate, featureStd, imagesPerSecond }, seconds());
        },
        async evaluations(evaluations) {
          const figures = evaluations.map(({ stage, metric, classifier, precision, value }) => [
            [stage, metric, classifier, precision].join('/'),
            value,
          ]);
          await events.scalars(last, Object.fromEntries(figures) as { [tag: string]: number }, seconds());
        },
        async monitored({ step, evaluations }) {
          const tags = evaluations.map(tagOf);
          const figures = evaluations.map(({ classifier, value }, index) => {
            const tag = tags[index]!;
            // The classifier is added only if tags are otherwise equal.
            const shared = tags.indexOf(tag) !== tags.lastIndexOf(tag);
            return [shared ? `${tag}/${classifier}` : tag, value];
          });
          await events.scalars(step, Object.fromEntries(figures) as { [tag: string]: number }, seconds());
        },
        close: () => events.close(),
      };
    },
  }),
});

/** The tag of a monitor's result. Each tag gets a chart. */
function tagOf({ stage, precision, metric }: Evaluation): string {
  return ['monitor', stage, precision, metric].join('/');
}
