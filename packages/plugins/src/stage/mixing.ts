import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { randomBeta } from 'd3-random';
import type { Random, Tf } from '@ssql/core';

/**
 * How a batch is mixed with itself, moved by one image, so that each image meets its neighbour. Outside the box an image keeps the share
 * `kept` of its values and takes the rest of its neighbour's; inside, all are its neighbour's.
 */
export interface Mixing {
  readonly kept: number;
  /** In pixels, the ends excluded; empty if they are equal. */
  readonly box: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };
  /** The share of an image in its targets. */
  readonly share: number;
}

/** Names of `drawMixing`. */
export const MIXES = ['mixup', 'cutmix'] as const;

/**
 * Draws how a batch of views of these sizes is mixed, with a share of Beta(alpha, alpha). mixup (Zhang et al., arXiv 1710.09412) blends whole
 * images; cutmix (Yun et al., arXiv 1905.04899) pastes a box of the share's area, whose part outside the image is lost. As torchvision's
 * `MixUp` and `CutMix`.
 */
export function drawMixing(
  mix: (typeof MIXES)[number],
  alpha: number,
  random: Random,
  [height, width]: readonly [height: number, width: number],
): Mixing {
  const share = randomBeta.source(() => random.uniform())(alpha, alpha)();
  if (mix === 'mixup') return { kept: share, box: { top: 0, left: 0, bottom: 0, right: 0 }, share };
  return cutmixAt(share, { x: random.integer(width), y: random.integer(height) }, [height, width]);
}

/** The mixing of cutmix for a share and the centre of the box, in pixels. */
export function cutmixAt(
  share: number,
  { x, y }: { readonly x: number; readonly y: number },
  [height, width]: readonly [height: number, width: number],
): Mixing {
  const half = (length: number): number => Math.floor(0.5 * Math.sqrt(1 - share) * length);
  const [top, bottom] = [Math.max(0, y - half(height)), Math.min(height, y + half(height))];
  const [left, right] = [Math.max(0, x - half(width)), Math.min(width, x + half(width))];
  const area = (bottom - top) * (right - left);
  return { kept: 1, box: { top, left, bottom, right }, share: 1 - area / (width * height) };
}

/** Mixes views [N,H,W,C]. */
export function mixViews(tf: Tf, views: Tensor4D, { kept, box }: Mixing): Tensor4D {
  return tf.tidy(() => {
    const [, height, width] = views.shape;
    const within = (length: number, from: number, to: number): Tensor => {
      const inside = Float32Array.from({ length }, (_, index) => (index >= from && index < to ? 1 : 0));
      return tf.tensor1d(inside);
    };
    const rows = tf.reshape(within(height, box.top, box.bottom), [1, height, 1, 1]);
    const columns = tf.reshape(within(width, box.left, box.right), [1, 1, width, 1]);
    const own = tf.mul(kept, tf.sub(1, tf.mul(rows, columns)));
    return tf.add(tf.mul(views, own), tf.mul(neighbours(tf, views), tf.sub(1, own)));
  });
}

/** Mixes targets [N,classes]. */
export function mixTargets(tf: Tf, targets: Tensor2D, { share }: Mixing): Tensor2D {
  return tf.tidy(() => tf.add<Tensor2D>(tf.mul(targets, share), tf.mul(neighbours(tf, targets), 1 - share)));
}

/** Each row is that of the one before; the first is the last. */
function neighbours<T extends Tensor>(tf: Tf, x: T): T {
  const [count = 0, ...rest] = x.shape;
  const zeros = rest.map(() => 0);
  const last = tf.slice(x, [count - 1, ...zeros], [1, ...rest]);
  return tf.concat([last, tf.slice(x, [0, ...zeros], [count - 1, ...rest])], 0) as T;
}
