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
import { ssql } from './wrapper/ssql.js';
import { uniform } from './quantizer/uniform.js';
import { gaussian } from './observer/gaussian.js';
import { histogram } from './observer/histogram.js';
import { minmax } from './observer/minmax.js';
import { movingAverageMinmax } from './observer/moving-average-minmax.js';
import { mse } from './observer/mse.js';
import { percentile } from './observer/percentile.js';
import { uniformPerStep } from './sampler/uniform-per-step.js';
import { sgd } from './optimizer/sgd.js';
import { constant } from './schedule/constant.js';
import { cosine } from './schedule/cosine.js';
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
  uniform,
  gaussian,
  histogram,
  minmax,
  movingAverageMinmax,
  mse,
  percentile,
  uniformPerStep,
  sgd,
  constant,
  cosine,
  knn,
  linearProbe,
  report,
]);
