import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { TrainedEncoder } from '../kinds/trained-encoder.js';
import type { Precision } from '../quantization/precision.js';
import { batchNormsAt, withBatchNorms } from '../train/batch-norms.js';
import { parameterName } from '../train/quantizer-parameters.js';
import { observedRanges, quantizing } from '../train/site-hooks.js';
import { bitInputs, readBits } from '../train/step-inputs.js';
import { frozenForward } from './feature-steps.js';
import type { FrozenBackbone } from './frozen-backbone.js';

/** A frozen backbone as stages see it. It is calibrated first, if it was not. Disposed with the backbone. */
export async function trainedEncoder(backbone: FrozenBackbone): Promise<TrainedEncoder> {
  const { engine, model } = backbone.frozen;
  const { tf } = engine;
  const { quantization, backboneDescription: description } = model;
  const { tensors, observations } = await backbone.calibrated();
  const setAt = (precision: Precision) => batchNormsAt(quantization.batchNorms ?? [], precision);
  return {
    network: model.backbone,
    description,
    tensors,
    pins: quantization.pins,
    prepare: (images) => backbone.prepare(images),
    features: (images, precision, replaced = {}) =>
      tf.tidy(() => {
        const all = withBatchNorms({ ...tensors, ...replaced }, setAt(precision));
        const bits = readBits(bitInputs(engine, precision, 0), 0);
        const ranges = observedRanges(quantization, observations);
        const sites = quantizing(tf, quantization, bits, ranges, (name) => all[name]!); // it has all tensors of the sites
        return frozenForward({ engine }, model, all, images, sites) as Tensor2D; // backbones make features [N,D]
      }),
    site(operand, site, precision) {
      const drawn = precision[operand];
      const bits = drawn === 'float' ? drawn : (quantization.pins[operand].get(site) ?? drawn);
      if (bits === 'float') return undefined;
      const { quantizer, observer } = quantization[operand];
      const shape = description.siteShapes[operand].get(site) ?? [];
      const range = tf.tidy(() => {
        if (operand === 'activations')
          return { ...observedRanges(quantization, observations)(site, tf.scalar(bits), shape) };
        return {
          ...observer.range(
            observer.observe(withBatchNorms(tensors, setAt(precision))[`${site}.weight`]!, quantizer.granularity),
            tf.scalar(bits),
          ),
        };
      });
      const names = Object.keys(quantizer.trainables?.(shape, operand) ?? {});
      const trained = names.map((name): [string, Tensor] => [name, tensors[parameterName(operand, site, name)]!]);
      return { quantizer, bits, range, trained: Object.fromEntries(trained) };
    },
  };
}
