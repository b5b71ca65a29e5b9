import type { AnyPlugin } from '@ssql/core';
import { cifar10 } from './data/cifar10.js';
import { digits } from './data/digits.js';
import { brightnessContrast } from './augmentation/brightness-contrast.js';
import { centerCrop } from './augmentation/center-crop.js';
import { colorJitter } from './augmentation/color-jitter.js';
import { gaussianBlur } from './augmentation/gaussian-blur.js';
import { grayscale } from './augmentation/grayscale.js';
import { horizontalFlip } from './augmentation/horizontal-flip.js';
import { normalize } from './augmentation/normalize.js';
import { oneOf } from './augmentation/one-of.js';
import { randomApply } from './augmentation/random-apply.js';
import { randomErasing } from './augmentation/random-erasing.js';
import { randomOrder } from './augmentation/random-order.js';
import { randomResizedCrop } from './augmentation/random-resized-crop.js';
import { randomWarp } from './augmentation/random-warp.js';
import { resize } from './augmentation/resize.js';
import { solarize } from './augmentation/solarize.js';
import { efficientnetLite0 } from './backbone/efficientnet-lite0.js';
import { mobilenetV2 } from './backbone/mobilenet-v2.js';
import { resnet18 } from './backbone/resnet18.js';
import { resnet34 } from './backbone/resnet34.js';
import { resnet50 } from './backbone/resnet50.js';
import { resnet101 } from './backbone/resnet101.js';
import { vgg16Bn } from './backbone/vgg16-bn.js';
import { barlowTwins } from './method/barlow-twins.js';
import { byol } from './method/byol.js';
import { dino } from './method/dino.js';
import { moco } from './method/moco.js';
import { simclr } from './method/simclr.js';
import { simsiam } from './method/simsiam.js';
import { swav } from './method/swav.js';
import { none } from './wrapper/none.js';
import { rssql } from './wrapper/rssql.js';
import { sandwich } from './wrapper/sandwich.js';
import { ssql } from './wrapper/ssql.js';
import { adaround } from './quantizer/adaround.js';
import { binary } from './quantizer/binary.js';
import { dorefa } from './quantizer/dorefa.js';
import { lsq } from './quantizer/lsq.js';
import { lsqPlus } from './quantizer/lsq-plus.js';
import { pact } from './quantizer/pact.js';
import { uniform } from './quantizer/uniform.js';
import { gaussian } from './observer/gaussian.js';
import { histogram } from './observer/histogram.js';
import { minmax } from './observer/minmax.js';
import { movingAverageMinmax } from './observer/moving-average-minmax.js';
import { mse } from './observer/mse.js';
import { percentile } from './observer/percentile.js';
import { cyclic } from './sampler/cyclic.js';
import { uniformSampler } from './sampler/uniform.js';
import { weighted } from './sampler/weighted.js';
import { adamw } from './optimizer/adamw.js';
import { lars } from './optimizer/lars.js';
import { sgd } from './optimizer/sgd.js';
import { constant } from './schedule/constant.js';
import { cosine } from './schedule/cosine.js';
import { multiStep } from './schedule/multi-step.js';
import { integerProgram } from './assigner/integer-program.js';
import { decomposition } from './stage/decomposition.js';
import { knn } from './stage/knn.js';
import { linearEvaluation } from './stage/linear-evaluation.js';
import { linearProbe } from './stage/linear-probe.js';
import { report } from './stage/report.js';
import { csv } from './logger/csv.js';
import { tensorboard } from './logger/tensorboard.js';

export { base, companions } from './base.js';

/** The built-in plugins, in the order of the table of kinds and then by name. */
export const plugins: readonly AnyPlugin[] = Object.freeze([
  cifar10,
  digits,
  brightnessContrast,
  centerCrop,
  colorJitter,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  normalize,
  oneOf,
  randomApply,
  randomErasing,
  randomOrder,
  randomResizedCrop,
  randomWarp,
  resize,
  solarize,
  efficientnetLite0,
  mobilenetV2,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  vgg16Bn,
  barlowTwins,
  byol,
  dino,
  moco,
  simclr,
  simsiam,
  swav,
  none,
  rssql,
  sandwich,
  ssql,
  adaround,
  binary,
  dorefa,
  lsq,
  lsqPlus,
  pact,
  uniform,
  gaussian,
  histogram,
  minmax,
  movingAverageMinmax,
  mse,
  percentile,
  cyclic,
  uniformSampler,
  weighted,
  sgd,
  adamw,
  lars,
  constant,
  cosine,
  multiStep,
  integerProgram,
  decomposition,
  knn,
  linearEvaluation,
  linearProbe,
  report,
  csv,
  tensorboard,
]);

/** The built-in plugins with the types of their options. */
export {
  cifar10,
  digits,
  brightnessContrast,
  centerCrop,
  colorJitter,
  gaussianBlur,
  grayscale,
  horizontalFlip,
  normalize,
  oneOf,
  randomApply,
  randomErasing,
  randomOrder,
  randomResizedCrop,
  randomWarp,
  resize,
  solarize,
  efficientnetLite0,
  mobilenetV2,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  vgg16Bn,
  barlowTwins,
  byol,
  dino,
  moco,
  simclr,
  simsiam,
  swav,
  none,
  rssql,
  sandwich,
  ssql,
  adaround,
  binary,
  dorefa,
  lsq,
  lsqPlus,
  pact,
  uniform,
  gaussian,
  histogram,
  minmax,
  movingAverageMinmax,
  mse,
  percentile,
  cyclic,
  uniformSampler,
  weighted,
  sgd,
  adamw,
  lars,
  constant,
  cosine,
  multiStep,
  integerProgram,
  decomposition,
  knn,
  linearEvaluation,
  linearProbe,
  report,
  csv,
  tensorboard,
};

export { bothSides } from './losses/both-sides.js';
export { crossEntropy } from './losses/cross-entropy.js';
export { infoNce } from './losses/info-nce.js';
export { negativeCosine } from './losses/negative-cosine.js';
export { ntXent } from './losses/nt-xent.js';
export { redundancyReduction } from './losses/redundancy-reduction.js';
export { unitLength } from './losses/unit-length.js';
export { normalizedProjector, plainProjector, predictor } from './method/heads.js';
