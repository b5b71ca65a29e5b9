import { chain, type Method, type Network } from '@ssql/core';
import type { LoadedPipeline } from '@ssql/core/run';
import * as tf from '@tensorflow/tfjs-core';
import { layersOf, macsOf, type Layer } from './layers.js';
import { loadRecipe, VIEW, type Reference, type Trained } from './recipe.js';

export const DIRECTIONS = ['forward', 'inputGradient', 'weightGradient'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** How many times a step computes a layer in each direction. */
export interface Work extends Readonly<Record<Direction, number>> {
  readonly layer: Layer;
}

/** Encoder passes of a batch in a step of the plain method: with a gradient, and by the momentum encoder. */
const PASSES: { readonly [method: string]: { readonly trained: number; readonly momentum: number } } = {
  simsiam: { trained: 2, momentum: 0 },
  byol: { trained: 2, momentum: 2 },
  moco: { trained: 1, momentum: 1 },
  simclr: { trained: 2, momentum: 0 },
  'barlow-twins': { trained: 2, momentum: 0 },
};

/** The convolutions and matrix products of a step, counted from the networks. */
export async function workOf(trained: Trained): Promise<Work[]> {
  const loaded = await loadRecipe({ ...trained, batch: 1, steps: 1, threads: 1 });
  const { pipeline } = loaded.cells[0]!;
  const backbone = (await make(loaded, 'backbone', pipeline.backbone)) as Network;
  const method = (await make(loaded, 'method', pipeline.method)) as Method;
  const passes = PASSES[pipeline.method.use]!;
  // SSQL repeats each pass that has a gradient, quantized.
  const times = passes.trained * (trained.wrapper === 'ssql' ? 2 : 1);
  const encoder = layersOf(chain(backbone, method.projector), VIEW);
  const heads = Object.values(method.heads).flatMap((head) => layersOf(head, encoder.output).layers);
  return [
    ...[...encoder.layers, ...heads].map((layer, index) => ({
      layer,
      forward: times,
      inputGradient: index === 0 ? 0 : times, // views need no gradient
      weightGradient: times,
    })),
    ...encoder.layers.map((layer) => ({ layer, forward: passes.momentum, inputGradient: 0, weightGradient: 0 })),
  ];
}

/** Floating-point operations of a step: two for each multiplication with an addition. Each direction of a layer costs the same. */
export function flopOf(work: readonly Work[], batch: number): number {
  const macs = work.map((item) => macsOf(item.layer) * DIRECTIONS.reduce((times, name) => times + item[name], 0));
  return 2 * batch * macs.reduce((sum, count) => sum + count, 0);
}

/** Makes a plugin of a pipeline. Networks are made without an engine. */
async function make(
  { registry, folder }: LoadedPipeline,
  kind: 'backbone' | 'method',
  { use, with: options }: Reference,
): Promise<unknown> {
  const context = { tf, folder, seed: 0, needs: {} };
  return registry.get(kind, use)!.create(options as never, context as never); // validated when the pipeline was loaded
}
