import type { Optimizer, Tf } from '@ssql/core';

/** The option of optimizers that clip the global norm of gradients. */
export const CLIP_NORM = {
  description:
    'The largest norm of all gradients together; longer gradients are scaled down to it. Default: gradients are not clipped.',
  type: 'number',
  exclusiveMinimum: 0,
} as const;

/** Clips the global norm of gradients as torch.nn.utils.clip_grad_norm_ does: g min(1, clip / (norm + 1e-6)). */
export function clippingNorm(tf: Tf, clipNorm: number | undefined): Pick<Optimizer, 'gradients'> {
  if (clipNorm === undefined) return {};
  return {
    gradients(all) {
      const squares = all.map(({ gradient }) => tf.sum(tf.square(gradient)));
      const norm = tf.sqrt(tf.addN(squares));
      const factor = tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1);
      return all.map(({ gradient }) => tf.mul(gradient, factor));
    },
  };
}
