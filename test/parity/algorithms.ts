import assert from 'node:assert/strict';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Method, Tf, Wrapper } from '@ssql/core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { unitLength } from '../../packages/plugins/src/losses/unit-length.js';
import { byol } from '../../packages/plugins/src/method/byol.js';
import { normalizedProjector } from '../../packages/plugins/src/method/heads.js';
import { moco } from '../../packages/plugins/src/method/moco.js';
import { simclr } from '../../packages/plugins/src/method/simclr.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { rssql } from '../../packages/plugins/src/wrapper/rssql.js';
import { ssql } from '../../packages/plugins/src/wrapper/ssql.js';
import { make } from '../plugins/make-plugin.js';

/** The widths, momentum and temperature that a golden file states. */
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
  /** What the golden files compare of a step. */
  outputs(seen: Seen): { readonly [name: string]: Tensor };
}

/** What a method made in a step: online outputs, the float ones and then the quantized ones where there are such, and targets. */
export interface Seen {
  readonly float: unknown;
  readonly quantized: unknown;
  readonly targets: unknown;
}

/**
 * An algorithm of the golden files by its official name, with its official heads (golden README, "Heads").
 * @param width of the backbone's features
 */
export async function algorithmOf(
  engine: Engine,
  name: string,
  { DIM: dim, HIDDEN_DIM: hidden, MOMENTUM: momentum, T: temperature, MOCO_K: queue }: GoldenConfig,
  width: number,
): Promise<Algorithm> {
  const { tf } = engine;
  const [, prefix = '', method = name] = /^(R?SSQL_)?(.+)$/.exec(name) ?? [];
  const wrapper: Wrapper = await make({ '': none, SSQL_: ssql, RSSQL_: rssql }[prefix]!, {}, engine);
  switch (method) {
    case 'SimSiam': {
      // As wide as the backbone, where that is wider.
      const projector = normalizedProjector({ layers: 3, hidden: Math.max(width, dim), dim, lastNorm: true });
      const made = await make(simsiam, { dim, predictorHidden: hidden }, engine);
      return { method: { ...made, projector } as Method, wrapper, outputs: (seen) => simsiamOutputs(seen, prefix) };
    }
    case 'BYOL': {
      const heads = { dim, hidden, layers: 3, lastNorm: prefix !== '', predictorHidden: hidden };
      const made = await make(byol, { ...heads, momentum, momentumSchedule: 'constant' }, engine);
      return { method: made as Method, wrapper, outputs: byolOutputs };
    }
    case 'MoCo': {
      const made = await make(moco, { dim, hidden, queue: queue!, temperature, momentum }, engine);
      return { method: made as Method, wrapper, outputs: (seen) => mocoOutputs(tf, seen, temperature) };
    }
    case 'SimCLR': {
      const made = await make(simclr, { dim, hidden, temperature }, engine);
      return { method: made as Method, wrapper, outputs: (seen) => simclrOutputs(tf, seen) };
    }
    default:
      return assert.fail(`no algorithm ${name} is composed yet`);
  }
}

type Pair = readonly [Tensor2D, Tensor2D];

/** The online outputs of SimSiam and BYOL. */
interface Predicted {
  readonly z: Pair;
  readonly p: Pair;
}

function simsiamOutputs({ float, quantized }: Seen, prefix: string): { readonly [name: string]: Tensor } {
  const { z } = (prefix === 'RSSQL_' ? quantized : float) as Predicted;
  return { ...predictions(float, quantized), z1: z[0], z2: z[1] };
}

function byolOutputs({ float, quantized, targets }: Seen): { readonly [name: string]: Tensor } {
  const [z2, z1] = targets as Pair; // the first view predicts the second one
  return { ...predictions(float, quantized), z1, z2 };
}

function predictions(float: unknown, quantized: unknown): { readonly [name: string]: Tensor } {
  const { p } = float as Predicted;
  const q = (quantized as Predicted | undefined)?.p;
  return { p1: p[0], p2: p[1], ...(q && { p1q: q[0], p2q: q[1] }) };
}

function mocoOutputs(
  tf: Tf,
  { float, quantized, targets }: Seen,
  temperature: number,
): { readonly [name: string]: Tensor } {
  const { positives, negatives } = targets as { readonly positives: Tensor2D; readonly negatives: Tensor2D };
  const logits = (queries: unknown): Tensor => {
    const positive = tf.sum(tf.mul(queries as Tensor2D, positives), 1, true);
    return tf.div(tf.concat([positive, tf.matMul(queries as Tensor2D, negatives, false, true)], 1), temperature);
  };
  return quantized ? { logits_quant: logits(quantized), logits_float: logits(float) } : { logits: logits(float) };
}

function simclrOutputs(tf: Tf, { float }: Seen): { readonly [name: string]: Tensor } {
  const [z1, z2] = float as Pair;
  return { f1: unitLength(tf, z1), f2: unitLength(tf, z2) };
}
