import type { AnyPlugin } from '@ssql/core';
import { resnet18 } from './backbone/resnet18.js';
import { simsiam } from './method/simsiam.js';
import { minmax } from './observer/minmax.js';
import { sgd } from './optimizer/sgd.js';
import { uniform } from './quantizer/uniform.js';
import { uniformPerStep } from './sampler/uniform-per-step.js';
import { constant } from './schedule/constant.js';
import { cosine } from './schedule/cosine.js';
import { none } from './wrapper/none.js';
import { ssql } from './wrapper/ssql.js';

/** The built-in plugins. */
export const plugins: readonly AnyPlugin[] = Object.freeze([
  resnet18,
  simsiam,
  none,
  ssql,
  uniform,
  minmax,
  uniformPerStep,
  sgd,
  cosine,
  constant,
]);
