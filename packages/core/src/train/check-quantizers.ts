import type { Scalar } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import { withNote, type Location } from '../errors.js';
import { sizeOf } from '../values.js';
import type { Operand } from '../kinds/quantizer.js';
import { brokenBy, nameOf } from '../plugin/plugin-of.js';
import { quantizerOneLevel } from '../quantization/quantization-errors.js';
import type { Model } from './model.js';
import { initialParameter } from './quantizer-parameters.js';
import { rangeOf } from './site-hooks.js';

/** A bit width that the pipeline asks for, and where. */
export interface AskedWidth {
  readonly bits: number;
  readonly place: Location | undefined;
}

/**
 * Quantizes numbers from -1 to 1 at the smallest site of each operand and at each width, before training: a compiled step cannot see
 * whether a quantizer makes numbers that are not finite, or all equal, and features of such numbers would be evaluated in silence.
 * @throws SsqlError PLUGIN_BROKEN, QUANTIZER_ONE_LEVEL
 */
export function checkQuantizers(
  engine: Pick<Engine, 'tf'>,
  model: Model,
  widths: { readonly [operand in Operand]: readonly AskedWidth[] },
): void {
  for (const operand of ['weights', 'activations'] as const) {
    const sites = [...model.backboneDescription.siteShapes[operand]].filter(
      ([site]) => model.quantization.pins[operand].get(site) !== 'float',
    );
    const [smallest] = sites.toSorted(([, a], [, b]) => sizeOf(a) - sizeOf(b));
    if (smallest === undefined) continue;
    const [site, shape] = smallest;
    // Outputs have a batch of any size.
    const ofBatch = operand === 'weights' ? shape : [2, ...shape.slice(1)];
    let constant: AskedWidth | undefined;
    try {
      constant = widths[operand].find(({ bits }) =>
        // A quantizer of the outputs of a ReLU may have no levels below 0.
        [-1, 0].every((lowest) =>
          isConstant(quantizedNumbers(engine, model, { operand, shape: ofBatch, bits, lowest })),
        ),
      );
    } catch (error) {
      throw withNote(error, `layer \`${site}\``);
    }
    if (constant !== undefined) {
      const { quantizer } = model.quantization[operand];
      throw quantizerOneLevel(constant.bits, `the ${nameOf(quantizer, 'quantizer')} of ${operand}`, constant.place);
    }
  }
}

interface Probe {
  readonly operand: Operand;
  readonly shape: readonly number[];
  readonly bits: number;
  /** The numbers reach from it to 1. */
  readonly lowest: number;
}

/** Numbers as a quantizer rounds them. @throws SsqlError PLUGIN_BROKEN */
function quantizedNumbers(
  { tf }: Pick<Engine, 'tf'>,
  { quantization }: Model,
  { operand, shape, bits: width, lowest }: Probe,
): readonly number[] {
  const { [operand]: settings } = quantization;
  const { quantizer, observer } = settings;
  return tf.tidy(() => {
    const x = tf.reshape(tf.linspace(lowest, 1, sizeOf(shape)), [...shape]);
    const bits: Scalar = tf.scalar(width);
    const range = rangeOf(settings, shape, observer.observe(x, quantizer.granularity), bits);
    const wrong = unlikeRange([...range.min.dataSync()], [...range.max.dataSync()]);
    if (wrong !== undefined)
      throw brokenBy(
        observer,
        `returns ${wrong} from \`range\` for numbers from ${lowest} to 1; expected finite ends in order`,
      );
    const trained = Object.entries(quantizer.trainables?.(shape, operand) ?? {}).map(
      ([name, trainable]) => [name, initialParameter(tf, trainable, x)] as const,
    );
    const numbers = [...quantizer.fakeQuantize(x, range, bits, Object.fromEntries(trained)).dataSync()];
    if (!numbers.every(Number.isFinite))
      throw brokenBy(
        quantizer,
        `returns a tensor that is not finite from \`fakeQuantize\` at ${width} bits; expected finite numbers`,
      );
    return numbers;
  });
}

function isConstant(numbers: readonly number[]): boolean {
  return numbers.length > 1 && numbers.every((number) => number === numbers[0]);
}

/** The ends of a range that are not finite, or not in order: `1 to -1`. */
function unlikeRange(mins: readonly number[], maxes: readonly number[]): string | undefined {
  const ends = mins.map((min, index) => [min, maxes[index]!] as const); // each has one value per channel
  const wrong = ends.find(([min, max]) => !(Number.isFinite(min) && Number.isFinite(max) && min <= max));
  return wrong && wrong.join(' to ');
}
