import type { Engine } from '../engine/engine.js';
import type { Split } from '../kinds/data.js';
import type { Features, FeatureSets } from '../kinds/stage.js';
import { formatEvaluationPrecision, type EvaluationPrecision } from '../quantization/evaluation-precision.js';
import { featuresNotFinite } from './evaluate-errors.js';
import type { Pass } from './feature-steps.js';
import { preparedImages, type Frozen, type FrozenBackbone } from './frozen-backbone.js';

/** A pass over all images, and its backbone. */
export interface BackbonePass extends Pass {
  readonly backbone: FrozenBackbone;
  readonly precision: EvaluationPrecision;
}

/**
 * The features of each pass, in order. The images of a batch are read and prepared once, and all passes run on them before the next
 * batch is read.
 */
export async function featuresInOnePass(
  frozen: Frozen,
  passes: readonly BackbonePass[],
): Promise<readonly FeatureSets[]> {
  const { train, test } = frozen.dataset;
  const name = passes.length === 1 ? formatEvaluationPrecision(passes[0]!.precision) : `at ${passes.length} precisions`;
  const total = (train.size + test.size) * passes.length;
  const progress = (done: number): Promise<void> => frozen.progress(`features ${name}`, done, total);
  const ofTrain = await featuresOf(frozen, passes, train, progress);
  const ofTest = await featuresOf(frozen, passes, test, (done) => progress(train.size * passes.length + done));
  return passes.map((_, index) => ({ train: ofTrain[index]!, test: ofTest[index]! }));
}

/** @param progress takes the number of images that passes are done with, each pass counted */
async function featuresOf(
  { engine, model, dataset, calibration }: Frozen,
  passes: readonly BackbonePass[],
  split: Split,
  progress: (done: number) => Promise<void>,
): Promise<readonly Features[]> {
  const dimension = model.backboneDescription.output[1]!; // backbones make features [N,D]
  const size = Math.min(calibration.batch, split.size);
  const groups = groupsOf(engine, passes);
  const results = new Map(passes.map((pass) => [pass, new Float32Array(split.size * dimension)]));
  let done = 0;
  for (let first = 0; first < split.size; first += size) {
    const end = Math.min(first + size, split.size);
    // The last batch is padded with the first image, so that one compiled step serves all batches.
    const indexes = Uint32Array.from({ length: size }, (_, i) => (first + i < end ? first + i : 0));
    const images = await preparedImages(groups[0]!.backbone, split, indexes);
    try {
      for (const { backbone, passes: group } of groups) {
        const features = await backbone.features(images, group);
        try {
          for (const [index, pass] of group.entries()) {
            const values = await features[index]!.data();
            results.get(pass)!.set(values.subarray(0, (end - first) * dimension), first * dimension);
          }
        } finally {
          engine.tf.dispose([...features]);
        }
        done += (end - first) * group.length;
        await progress(done);
      }
    } finally {
      images.dispose();
    }
  }
  return passes.map((pass) => {
    const values = results.get(pass)!;
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const name = split === dataset.test ? 'test' : 'training';
      throw featuresNotFinite(formatEvaluationPrecision(pass.precision), name, Math.floor(wrong / dimension));
    }
    return { values, dimension, labels: split.labels };
  });
}

/** The passes of a group hold the outputs of their layers at the same time. */
const MOST_PASSES_AT_ONCE = 4;

/** Passes of one backbone that run side by side. */
interface Group {
  readonly backbone: FrozenBackbone;
  readonly passes: readonly BackbonePass[];
}

/** Groups of as many passes as the engine runs operations side by side: one pass of a small network does not keep all cores busy. */
export function groupsOf({ info }: Pick<Engine, 'info'>, passes: readonly BackbonePass[]): readonly Group[] {
  const size = Math.min(info.threads.interOp, MOST_PASSES_AT_ONCE);
  return [...new Set(passes.map(({ backbone }) => backbone))].flatMap((backbone) => {
    const ofBackbone = passes.filter((pass) => pass.backbone === backbone);
    return Array.from({ length: Math.ceil(ofBackbone.length / size) }, (_, index) => {
      return { backbone, passes: ofBackbone.slice(index * size, (index + 1) * size) };
    });
  });
}
