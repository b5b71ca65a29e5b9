import type { Scalar } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import { withNote } from '../errors.js';
import { sizeOf } from '../values.js';
import type { Operand } from '../kinds/quantizer.js';
import type { BitSets } from '../kinds/sampler.js';
import { brokenBy } from '../plugin/plugin-of.js';
import type { Model } from './model.js';
import { initialParameter } from './quantizer-parameters.js';
import { rangeOf } from './site-hooks.js';

/**
 * Quantizes numbers from -1 to 1 at the smallest site of each operand and at each width, before training: a compiled step cannot see
 * whether a quantizer makes numbers that are not finite, and features of such numbers would be evaluated in silence.
 * @throws SsqlError PLUGIN_BROKEN
 */
export function checkQuantizers(engine: Pick<Engine, 'tf'>, model: Model, bits: BitSets): void {
  for (const operand of ['weights', 'activations'] as const) {
    const sites = [...model.backboneDescription.siteShapes[operand]].filter(
      ([site]) => model.quantization.pins[operand].get(site) !== 'float',
    );
    const [smallest] = sites.toSorted(([, a], [, b]) => sizeOf(a) - sizeOf(b));
    if (smallest === undefined) continue;
    const [site, shape] = smallest;
    try {
      for (const width of bits[operand])
        // Outputs have a batch of any size.
        checkAt(engine, model, operand, operand === 'weights' ? shape : [2, ...shape.slice(1)], width);
    } catch (error) {
      throw withNote(error, `layer \`${site}\``);
    }
  }
}

function checkAt(
  { tf }: Pick<Engine, 'tf'>,
  { quantization }: Model,
  operand: Operand,
  shape: readonly number[],
  width: number,
): void {
  const { [operand]: settings } = quantization;
  const { quantizer, observer } = settings;
  tf.tidy(() => {
    const x = tf.reshape(tf.linspace(-1, 1, sizeOf(shape)), [...shape]);
    const bits: Scalar = tf.scalar(width);
    const range = rangeOf(settings, shape, observer.observe(x, quantizer.granularity), bits);
    const wrong = unlikeRange([...range.min.dataSync()], [...range.max.dataSync()]);
    if (wrong !== undefined)
      throw brokenBy(
        observer,
        `returns ${wrong} from \`range\` for numbers from -1 to 1; expected finite ends in order`,
      );
    const trained = Object.entries(quantizer.trainables?.(shape, operand) ?? {}).map(
      ([name, trainable]) => [name, initialParameter(tf, trainable, x)] as const,
    );
    const quantized = quantizer.fakeQuantize(x, range, bits, Object.fromEntries(trained));
    if (quantized.dataSync().every(Number.isFinite)) return;
    throw brokenBy(
      quantizer,
      `returns a tensor that is not finite from \`fakeQuantize\` at ${width} bits; expected finite numbers`,
    );
  });
}

/** The ends of a range that are not finite, or not in order: `1 to -1`. */
function unlikeRange(mins: readonly number[], maxes: readonly number[]): string | undefined {
  const ends = mins.map((min, index) => [min, maxes[index]!] as const); // each has one value per channel
  const wrong = ends.find(([min, max]) => !(Number.isFinite(min) && Number.isFinite(max) && min <= max));
  return wrong && wrong.join(' to ');
}
