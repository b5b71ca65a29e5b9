import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { shown } from '../values.js';
import type { Method } from '../kinds/method.js';
import type { PrecisionChoice, Wrapper } from '../kinds/wrapper.js';
import { brokenBy } from '../plugin/plugin-of.js';
import type { MethodState } from './method-state.js';

/** Each precision was drawn for a quantized branch. @throws SsqlError PLUGIN_BROKEN */
export function refuseUnused(
  wrapper: Wrapper,
  { length }: readonly PrecisionChoice[],
  used: ReadonlySet<number>,
): void {
  const unused = Array.from({ length }, (_, index) => index).find((index) => !used.has(index));
  if (unused !== undefined)
    throw brokenBy(wrapper, `declares ${length} in \`precisions\` and never uses \`branches.quantized(${unused})\``);
}

/** Only `targets` uses a momentum encoder and moves a memory. @throws SsqlError PLUGIN_BROKEN */
export function refuseUnmoved(wrapper: Wrapper, { momentum, memory = {} }: Method, { calls }: MethodState): void {
  if (calls() > 1) throw brokenBy(wrapper, `calls \`targets\` ${calls()} times in a step; expected once`);
  const kept = momentum ? 'momentum encoder' : Object.keys(memory).length > 0 ? 'memory' : undefined;
  if (calls() === 0 && kept !== undefined)
    throw brokenBy(wrapper, `never calls \`targets\` of a method with a ${kept}`);
}

/** The features of the first view. @throws SsqlError PLUGIN_BROKEN if they are not one row for each image */
export function featuresOf(method: Method, online: unknown, [first]: readonly Tensor4D[]): Tensor2D {
  const features = method.features(online);
  const count = first?.shape[0];
  if (features.shape[0] !== count)
    throw brokenBy(method, `returns ${shown(features)} from \`features\`; expected ${count} rows, one for each image`);
  return features;
}
