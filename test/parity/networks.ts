import type { Network } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/compose.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { make } from '../plugins/make-plugin.js';
import { microComposition, OFFICIAL_PINS } from '../train/micro.js';

/** The networks of the golden files. */
export type Architecture = 'micro' | 'tiny' | 'r18';

/** Width of a backbone's features. */
export const FEATURES: { readonly [arch in Architecture]: number } = { micro: 8, tiny: 64, r18: 512 };

/** The pins of the official training. */
export const TRAINING_PINS = { ...OFFICIAL_PINS, 'projector.*': { weights: 8, activations: 'float' } } as const;

/** What the goldens of an architecture share: quantizers, optimizer, backbone. */
export async function compositionOf(
  engine: Engine,
  arch: Architecture,
  pins: Composition['pins'],
): Promise<Omit<Composition, 'dataset'>> {
  const composition = await microComposition(engine, pins);
  return arch === 'micro' ? composition : { ...composition, backbone: await backboneOf(engine, arch) };
}

function backboneOf({ tf }: Engine, arch: 'tiny' | 'r18'): Promise<Network> {
  const tiny = { width: 8, blocks: [1, 1, 1, 1] };
  return Promise.resolve(make(resnet18, { stem: 'cifar', ...(arch === 'tiny' ? tiny : {}) }, { tf }));
}
