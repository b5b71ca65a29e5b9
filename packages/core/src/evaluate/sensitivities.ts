import type { SiteSensitivity } from '../kinds/assigner.js';
import { FLOAT, type Bits } from '../quantization/precision.js';
import type { Operand } from '../kinds/quantizer.js';
import { featureSteps, type FeatureSteps, type Pass } from './feature-steps.js';
import { calibrationImages, preparedImages, type FrozenBackbone } from './frozen-backbone.js';

/**
 * How much quantizing only one site changes the features of a batch of calibration images, for each site of an operand that is not pinned
 * and each bit width: the mean squared error divided by the variance of the float features. Measured by perturbation as in ZeroQ
 * (Cai et al., arXiv 2001.00281, section 3.2), which uses the divergence of the outputs. Adding sensitivities assumes, as ZeroQ does,
 * that the errors of sites are independent.
 */
export async function sensitivities(
  backbone: FrozenBackbone,
  operand: Operand,
  bits: readonly number[],
): Promise<readonly SiteSensitivity[]> {
  const { engine, dataset, calibration, model, progress } = backbone.frozen;
  const { pins } = model.quantization;
  const all = [...model.backboneDescription.siteShapes[operand].keys()];
  const sites = all.filter((site) => !pins[operand].has(site));
  const indexes = calibrationImages(backbone.frozen).subarray(0, calibration.batch);
  const images = await preparedImages(backbone, dataset.train, indexes);
  const featuresOf = async (pass: Pass, steps?: FeatureSteps): Promise<Float32Array> => {
    const features = await backbone.features(images, [pass], steps);
    try {
      return Float32Array.from(await features[0]!.data());
    } finally {
      engine.tf.dispose([...features]);
    }
  };
  const measured: SiteSensitivity[] = [];
  try {
    const float = await featuresOf({ precision: FLOAT });
    const variance = Math.max(varianceOf(float, indexes.length), SMALLEST_VARIANCE);
    for (const site of sites) {
      const others = new Map<string, Bits>(all.filter((other) => other !== site).map((other) => [other, 'float']));
      const sensitivity = new Map<number, number>();
      await withSteps(backbone, async (steps) => {
        for (const width of bits) {
          const precision = { ...FLOAT, [operand]: width };
          const features = await featuresOf(
            { precision, pins: { ...pins, [operand]: others }, batchNormsOf: FLOAT },
            steps,
          );
          sensitivity.set(width, meanSquare(features, float) / variance);
          const done = measured.length * bits.length + sensitivity.size;
          await progress(`sensitivities of ${operand}`, done, sites.length * bits.length);
        }
      });
      measured.push({ operand, site, sensitivity });
    }
    return measured;
  } finally {
    images.dispose();
  }
}

const SMALLEST_VARIANCE = 1e-12; // sensitivities of collapsed features stay finite

/** Frees compiled steps after the work, unless they are shared: the pins of a site have steps of their own. */
async function withSteps({ frozen }: FrozenBackbone, work: (steps: FeatureSteps) => Promise<void>): Promise<void> {
  const steps = frozen.steps ?? featureSteps(frozen);
  try {
    await work(steps);
  } finally {
    if (steps !== frozen.steps) steps.dispose();
  }
}

/** Mean of the variances of features [count,D] over images. */
function varianceOf(features: Float32Array, count: number): number {
  const dimension = features.length / count;
  const mean = new Float64Array(dimension);
  features.forEach((value, i) => (mean[i % dimension]! += value / count));
  return features.reduce((sum, value, i) => sum + (value - mean[i % dimension]!) ** 2, 0) / features.length;
}

function meanSquare(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;
}
