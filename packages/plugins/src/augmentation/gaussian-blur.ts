import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { definePlugin, type Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { rangeOption, readRange } from './range-option.js';
import { separable } from './separable.js';
import { OPERANDS } from './side-option.js';

/** Blurs images with a Gaussian of random width: torchvision's GaussianBlur. */
export const gaussianBlur = definePlugin({
  kind: 'augmentation',
  name: 'gaussian-blur',
  summary: 'Blurs an image with a Gaussian of random width.',
  paper:
    'Chen et al., A Simple Framework for Contrastive Learning, 2020, appendix A; as torchvision.transforms.GaussianBlur.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      kernel: {
        ...OPERANDS,
        description:
          'Side of the kernel in pixels, odd; or [width, height]. Default: a tenth of the shorter side of the images as in SimCLR, made odd, and at least 3 (32: 3, 96: 9, 224: 23).',
      },
      sigma: rangeOption(
        { type: 'number', exclusiveMinimum: 0 },
        [0.1, 2],
        'Range of the standard deviation, in pixels.',
      ),
      p: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Probability that an image is blurred.' },
      border: {
        enum: ['reflect', 'zero'],
        default: 'reflect',
        description:
          'Values outside the image. reflect: mirrored about the centres of the edge pixels, as in torchvision. zero: zeros.',
      },
    },
  },
  create(options, { tf }) {
    const { kernel, p, border } = options;
    if (kernel !== undefined && [kernel].flat().some((side) => side % 2 === 0))
      throw augmentationImpossible('gaussian-blur', inPixels(kernel), 'odd numbers');
    const sigma = readRange('gaussian-blur', 'sigma', options.sigma);
    return {
      prepare(input) {
        const [height, width] = input;
        const sides = kernel ?? usualKernel(Math.min(height, width));
        const [across, down] = typeof sides === 'number' ? [sides, sides] : sides;
        if (border === 'reflect' && (down >= 2 * height || across >= 2 * width)) {
          const problem = `${inPixels(sides)} at a reflecting border of images of ${height}x${width}`;
          throw augmentationImpossible(
            'gaussian-blur',
            problem,
            'a kernel smaller than twice the height and twice the width',
          );
        }
        return {
          output: input,
          draws: across + down,
          draw(random) {
            const deviation = random.uniform() < p ? random.between(...sigma) : 0;
            return [...weights(across, deviation), ...weights(down, deviation)];
          },
          describe: (drawn) => describeBlur(drawn[(across - 1) / 2], drawn[(across + 1) / 2]),
          apply(images, drawn) {
            const count = images.shape[0];
            const columns = blurring(tf, tf.slice(drawn, [0, 0], [count, across]), width, border);
            const rows = blurring(tf, tf.slice(drawn, [0, across], [count, down]), height, border);
            return separable(tf, images, rows, columns);
          },
        };
      },
    };
  },
});

/** The kernel of the official SimCLR for images of a side, which are large: a tenth of the side, or one pixel more if that is even. */
function usualKernel(side: number): number {
  return Math.max(3, 2 * Math.floor(side / 20) + 1);
}

function inPixels(kernel: number | readonly number[]): string {
  return `a kernel of ${[kernel].flat().join(' by ')} pixels`;
}

/** A kernel [length] with sum 1. With a deviation of 0 it is the identity. */
function weights(length: number, sigma: number): readonly number[] {
  const offsets = Array.from({ length }, (_, index) => index - (length - 1) / 2);
  const values = offsets.map((offset) => (offset === 0 ? 1 : sigma === 0 ? 0 : Math.exp(-0.5 * (offset / sigma) ** 2)));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

/** Matrices [N,length,length] that correlate a row or column of `length` pixels with the kernels [N,K]. */
function blurring(tf: Tf, kernels: Tensor2D, length: number, border: 'reflect' | 'zero'): Tensor3D {
  const [count, kernel] = kernels.shape;
  const taps = new Float32Array(kernel * length * length); // [K,length,length]: 1 where tap k of output i reads input j
  for (let k = 0; k < kernel; k++) {
    for (let i = 0; i < length; i++) {
      const outer = i + k - (kernel - 1) / 2;
      const mirrored = outer < 0 ? -outer : outer >= length ? 2 * (length - 1) - outer : outer;
      if (border === 'reflect' || mirrored === outer) taps[(k * length + i) * length + mirrored] = 1;
    }
  }
  return tf.reshape(tf.matMul(kernels, tf.tensor2d(taps, [kernel, length * length])), [count, length, length]);
}

/** The deviation of a Gaussian, from the weights at its center and beside it. */
function describeBlur(center = 1, beside = 0): string {
  return beside === 0 ? 'no' : `deviation ${(1 / Math.sqrt(2 * Math.log(center / beside))).toFixed(2)}`;
}
