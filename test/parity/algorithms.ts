import type { Tensor } from '@tensorflow/tfjs-core';
import type { Method, Network, Wrapper } from '@ssql/core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { rssql } from '../../packages/plugins/src/wrapper/rssql.js';
import { ssql } from '../../packages/plugins/src/wrapper/ssql.js';
import { make } from '../plugins/make-plugin.js';
import { FEATURES, type Architecture } from './networks.js';

/** The widths that a golden file states. */
export interface GoldenConfig {
  readonly DIM: number;
  readonly HIDDEN_DIM: number;
  readonly MOMENTUM: number;
  readonly T: number;
  readonly MOCO_K: number | null;
}

/** An official algorithm as a pipeline would compose it. */
export interface Algorithm {
  readonly method: Method;
  readonly wrapper: Wrapper;
  /** What the golden file compares, from the online outputs in the order in which the wrapper asked for them. */
  outputs(onlines: readonly unknown[]): { readonly [name: string]: Tensor };
}

type Compose = (engine: Engine, config: GoldenConfig, arch: Architecture) => Promise<Algorithm>;

/** By the official name. A method that is new is entered here; until then its goldens fail, with that reason. */
export const ALGORITHMS: { readonly [algorithm: string]: Compose | undefined } = {
  SimSiam: async (engine, config, arch) => ({
    method: await simsiamOf(engine, config, arch),
    wrapper: await make(none, {}, engine),
    outputs: floatPairs,
  }),
  SSQL_SimSiam: async (engine, config, arch) => ({
    method: await simsiamOf(engine, config, arch),
    wrapper: await make(ssql, {}, engine),
    outputs([float, quantized]) {
      const { p } = quantized as Pairs;
      return { ...floatPairs([float]), p1q: p[0], p2q: p[1] };
    },
  }),
  RSSQL_SimSiam: async (engine, config, arch) => ({
    method: await simsiamOf(engine, config, arch),
    wrapper: await make(rssql, {}, engine),
    outputs([float, quantized]) {
      const { z } = quantized as Pairs;
      return { ...floatPairs([float]), z1: z[0], z2: z[1] };
    },
  }),
};

type Pair = readonly [Tensor, Tensor];

interface Pairs {
  readonly z: Pair;
  readonly p: Pair;
}

function floatPairs([float]: readonly unknown[]): { readonly [name: string]: Tensor } {
  const { p, z } = float as Pairs;
  return { p1: p[0], p2: p[1], z1: z[0], z2: z[1] };
}

async function simsiamOf({ tf }: Engine, { DIM, HIDDEN_DIM }: GoldenConfig, arch: Architecture): Promise<Method> {
  const method = (await make(simsiam, { dim: DIM, predictorHidden: HIDDEN_DIM }, { tf })) as Method;
  const hidden = Math.max(FEATURES[arch], DIM);
  return hidden === DIM ? method : { ...method, projector: projectorOf(hidden, DIM) };
}

/** The official CIFAR code is as wide within the projector as the backbone's features, and narrower at its end. */
function projectorOf(hidden: number, dim: number): Network {
  return {
    forward(nn, x) {
      let y = nn.relu(nn.batchNorm(nn.linear(x, '0', { units: hidden, bias: false }), '1'));
      y = nn.relu(nn.batchNorm(nn.linear(nn.output(y, '0'), '3', { units: hidden, bias: false }), '4'));
      y = nn.batchNorm(nn.linear(nn.output(y, '3'), '6', { units: dim, bias: 'frozen' }), '7', { affine: false });
      return nn.output(y, '6');
    },
  };
}
