import type { AnyPlugin } from '@ssql/core';
import { cifar10 } from './data/cifar10.js';
import { digits } from './data/digits.js';
import { brightnessContrast } from './augmentation/brightness-contrast.js';
import { colorJitter } from './augmentation/color-jitter.js';
import { gaussianBlur } from './augmentation/gaussian-blur.js';
import { grayscale } from './augmentation/grayscale.js';
import { horizontalFlip } from './augmentation/horizontal-flip.js';
import { normalize } from './augmentation/normalize.js';
import { randomErasing } from './augmentation/random-erasing.js';
import { randomResizedCrop } from './augmentation/random-resized-crop.js';
import { randomWarp } from './augmentation/random-warp.js';
import { resnet18 } from './backbone/resnet18.js';
import { simsiam } from './method/simsiam.js';
import { none } from './wrapper/none.js';
import { rssql } from './wrapper/rssql.js';
import { ssql } from './wrapper/ssql.js';
import { uniform } from './quantizer/uniform.js';
import { minmax } from './observer/minmax.js';
import { cyclic } from './sampler/cyclic.js';
import { uniformSampler } from './sampler/uniform.js';
import { uniformPerStep } from './sampler/uniform-per-step.js';
import { weighted } from './sampler/weighted.js';
import { sgd } from './optimizer/sgd.js';
import { constant } from './schedule/constant.js';
import { cosine } from './schedule/cosine.js';
import { decomposition } from './stage/decomposition.js';
import { knn } from './stage/knn.js';
import { linearProbe } from './stage/linear-probe.js';
import { report } from './stage/report.js';

/** The built-in plugins. */
export const plugins: readonly AnyPlugin[] = Object.freeze([
  cifar10,
  digits,
  brightnessContrast,
  colorJitter,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  normalize,
  randomErasing,
  randomResizedCrop,
  randomWarp,
  resnet18,
  simsiam,
  none,
  ssql,
  rssql,
  uniform,
  minmax,
  cyclic,
  uniformSampler,
  uniformPerStep,
  weighted,
  sgd,
  constant,
  cosine,
  decomposition,
  knn,
  linearProbe,
  report,
]);
