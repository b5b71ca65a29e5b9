import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Split } from '../kinds/data.js';
import type { ViewFeatures, ViewRequest } from '../kinds/stage.js';
import type { CompiledStep, Tensors } from '../engine/engine.js';
import type { Recipe } from '../train/recipe.js';
import { readImages, type TrainingImages } from '../train/read-images.js';
import { imageTensor } from '../train/views.js';
import { groupsOf, type BackbonePass } from './features-in-one-pass.js';
import type { CalibrationBatch } from './frozen-backbone.js';
import { openedBackbones, type Evaluated } from './opened-backbones.js';

/** Features of views that a stage makes of images, computed anew for each batch, at all precisions in one pass over the batch. */
export async function viewFeatures(evaluated: Evaluated, request: ViewRequest): Promise<ViewFeatures> {
  const { engine, dataset, seed, views, splits = { train: 'train', test: 'test' } } = evaluated;
  const { tf } = engine;
  const [train, test] = [views.evaluation(request.train), views.evaluation(request.test)];
  // A view after those of training, so that its random numbers are others.
  const drawn = (recipe: Recipe, samples: Uint32Array, epoch: number, sizes?: Uint16Array): Tensor2D =>
    tf.tensor2d(recipe.draw({ seed, epoch, view: views.count }, samples, sizes), [samples.length, recipe.draws]);
  const read = async (split: Split, recipe: Recipe, samples: Uint32Array): Promise<TrainingImages> =>
    recipe.crops === true ? readImages(split, samples) : { images: await split.read(samples) };
  const compiled = new Map<Recipe, CompiledStep<Tensors, Tensors, Tensors>>();
  const viewsOf = async (split: Split, recipe: Recipe, samples: Uint32Array, epoch: number): Promise<Tensor4D> => {
    const { images, sizes } = await read(split, recipe, samples);
    const inputs = {
      images: imageTensor(tf, images, dataset.shape),
      ...(recipe.draws > 0 && { drawn: drawn(recipe, samples, epoch, sizes) }),
    };
    try {
      let step = compiled.get(recipe);
      if (step === undefined) compiled.set(recipe, (step = engine.compile(viewStep(recipe), {}, inputs)));
      return step.run({}, inputs).outputs['views'] as Tensor4D;
    } finally {
      tf.dispose(inputs);
    }
  };
  const viewStep =
    (recipe: Recipe) =>
    (state: Tensors, { images, drawn }: Tensors) => ({
      state,
      outputs: {
        views: recipe.apply(images as Tensor4D, (drawn ?? tf.zeros([images!.shape[0]!, 0])) as Tensor2D),
      },
    });
  async function* oneBatch(): AsyncGenerator<CalibrationBatch> {
    const { calibrate: samples } = request;
    const { images: bytes, sizes } = await read(dataset.train, train, samples);
    const images = (): Tensor4D => train.apply(imageTensor(tf, bytes, dataset.shape), drawn(train, samples, 0, sizes));
    yield { images, done: samples.length, total: samples.length };
  }

  const backbones = openedBackbones({ ...evaluated, calibrationBatches: oneBatch });
  const passes: BackbonePass[] = [];
  const features = async (images: Tensor4D): Promise<readonly Tensor2D[]> => {
    const made = new Map<BackbonePass, Tensor2D>();
    try {
      for (const { backbone, passes: group } of groupsOf(engine, passes))
        for (const [index, tensor] of (await backbone.features(images, group)).entries())
          made.set(group[index]!, tensor);
      return passes.map((pass) => made.get(pass)!);
    } catch (error) {
      tf.dispose([...made.values()]);
      throw error;
    } finally {
      images.dispose();
    }
  };
  const dispose = (): void => {
    backbones.dispose();
    compiled.forEach((step) => step.dispose());
  };
  try {
    for (const precision of request.precisions) passes.push(await backbones.passAt(precision));
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    async train(samples, epoch, change = (views) => views) {
      const views = await viewsOf(dataset.train, train, samples, epoch);
      let changed: Tensor4D | undefined;
      try {
        changed = change(views);
      } finally {
        if (changed !== views) views.dispose();
      }
      return features(changed);
    },
    test: async (samples) => features(await viewsOf(dataset.test, test, samples, 0)),
    protocols: request.precisions.map(({ activations }) =>
      activations === 'float' ? splits : { ...splits, calibration: { samples: request.calibrate.length } },
    ),
    dispose,
  };
}
