import type { Composition } from '../../packages/core/src/container/composition.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { goldenBackbone, microComposition, OFFICIAL_PINS } from '../train/micro.js';

/** The networks of the golden files. */
export type Architecture = 'micro' | 'tiny' | 'r18';

const STAGES = {
  micro: { widths: [2, 4, 4, 8], blocks: 1 },
  tiny: { widths: [8, 16, 32, 64], blocks: 1 },
  r18: { widths: [64, 128, 256, 512], blocks: 2 },
} as const;

/** The width of a backbone's features. */
export function featuresOf(arch: Architecture): number {
  return STAGES[arch].widths[3];
}

/** The pins of the official training. */
export const TRAINING_PINS = { ...OFFICIAL_PINS, 'projector.*': { weights: 8, activations: 'float' } } as const;

/** What the goldens of an architecture share: quantizers, optimizer, backbone. */
export async function compositionOf(
  engine: Engine,
  arch: Architecture,
  pins: Composition['pins'],
): Promise<Omit<Composition, 'dataset'>> {
  const { widths, blocks } = STAGES[arch];
  return { ...(await microComposition(engine, pins)), backbone: goldenBackbone(widths, blocks) };
}
