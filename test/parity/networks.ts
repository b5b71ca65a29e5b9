import type { Composition } from '../../packages/core/src/container/composition.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { goldenBackbone, microComposition } from '../train/micro.js';
import { numbersAfter } from './stated.js';

/** The width of a backbone's features. */
export function featuresOf(description: string): number {
  return numbersAfter('widths', description).at(-1)!;
}

/**
 * What the goldens of an architecture share: quantizers, optimizer, backbone.
 * @param description of the architecture: "widths 8,16,32,64 and blocks 1,1,1,1"
 */
export async function compositionOf(
  engine: Engine,
  description: string,
  pins: Composition['pins'],
): Promise<Omit<Composition, 'dataset' | 'evaluated'>> {
  const backbone = goldenBackbone(numbersAfter('widths', description), numbersAfter('blocks', description));
  return { ...(await microComposition(engine, pins)), backbone };
}
