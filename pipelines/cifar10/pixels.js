import { definePlugin } from '@ssql/core';
import { knn } from '@ssql/plugins';

/** The stage `knn` on the images themselves, as a baseline: the values of the pixels, centered by channel, are the features. */
const pixelsKnn = definePlugin({
  kind: 'stage',
  name: 'pixels-knn',
  summary: 'Classifies by the nearest training images, by the cosine of their pixels.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { k: knn.options.properties.k, temperature: knn.options.properties.temperature },
  },
  create(options, context) {
    const stage = knn.create({ ...options, precisions: ['float'], classifier: 'matched' }, context);
    const features = (run) => () => pixelFeatures(run.dataset);
    const record = (run) => (evaluations) =>
      run.record(evaluations.map((evaluation) => ({ ...evaluation, stage: 'pixels-knn' })));
    return { ...stage, run: (run) => stage.run({ ...run, features: features(run), record: record(run) }) };
  },
});

export const plugins = [pixelsKnn];

async function pixelFeatures({ train, test, shape }) {
  const channels = shape[2];
  const read = async ({ size, labels, ...split }) => {
    const bytes = await split.read(Uint32Array.from({ length: size }, (_, index) => index));
    return { values: Float32Array.from(bytes), dimension: bytes.length / size, labels };
  };
  const sets = { train: await read(train), test: await read(test) };
  const means = new Float64Array(channels);
  sets.train.values.forEach((value, index) => (means[index % channels] += value));
  means.forEach((sum, channel) => (means[channel] = (sum * channels) / sets.train.values.length));
  for (const { values } of Object.values(sets)) {
    for (let index = 0; index < values.length; index++) values[index] -= means[index % channels];
  }
  return [sets];
}
