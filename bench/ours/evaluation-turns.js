import { definePlugin, parseEvaluationPrecision } from '@ssql/core';

const TEXTS = ['float', 'w8a8', 'w6a6', 'w4a4', 'w3a3', 'w2a8', 'w2a4', 'w2a3', 'w4', 'a4'];

/** In a monitor, whose features are new each time: alternately asks for all precisions at once and for one after the other. */
const evaluationTurns = definePlugin({
  kind: 'stage',
  name: 'evaluation-turns',
  summary: 'Prints the seconds that features take at all precisions at once, or at one after the other, in turn.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create() {
    let turn = 0;
    return {
      scope: 'run',
      async run({ features, dataset, engine }) {
        const precisions = TEXTS.map((text) => parseEvaluationPrecision(text));
        const images = dataset.train.size + dataset.test.size;
        const side = turn++ % 2 === 0 ? 'onePass' : 'separatePasses';
        const began = performance.now();
        if (side === 'onePass') await features(precisions);
        else for (const precision of precisions) await features([precision]);
        const seconds = (performance.now() - began) / 1000;
        console.log(JSON.stringify({ side, seconds, images, precisions: TEXTS, threads: engine.info.threads }));
      },
    };
  },
});

export const plugins = [evaluationTurns];
