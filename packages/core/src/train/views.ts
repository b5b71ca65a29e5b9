import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';
import type { Location } from '../errors.js';
import type { Augmentation, ImageShape } from '../kinds/augmentation.js';
import type { ViewPositions } from '../kinds/method.js';
import { prepareRecipe, type PreparedRecipe, type Recipe, type RecipeStep } from './recipe.js';
import { viewNotCropped, viewShapesDiffer, viewSizeUnmet } from './view-errors.js';
import { positionsOf, viewCount } from './view-positions.js';

/** The views of each image in a step. */
export interface Views<R extends Recipe = Recipe> {
  readonly count: number;
  /** The shape of the first view. */
  readonly shape: ImageShape;
  /** The recipe of a view. After the last view, the first follows. */
  recipe(view: number): R;
  /** Images for evaluation: the steps of the first view with `evaluation: true` (normalization). */
  evaluate(images: Tensor4D): Tensor4D;
  /**
   * The recipe of evaluation with further steps; steps at the end of evaluation, such as normalization, stay last. Where training reads images
   * whole and the first of these steps crops them, the crop stands for the steps of evaluation that resize or cut.
   */
  evaluation(augmentations: readonly Augmentation[]): Recipe;
}

/** The augmentations of a pipeline. */
export interface ViewSettings {
  /** Those of all views, in order. */
  readonly shared: readonly RecipeStep[];
  /** Views that differ; none: all views have the shared steps only. */
  readonly groups?: readonly ViewGroup[] | undefined;
  /** The name of the method, and the views that it takes. */
  readonly method: string;
  readonly takes: number | ViewPositions;
  /** Whether training reads images whole. */
  readonly whole?: boolean;
  location(path: readonly (string | number)[]): Location | undefined;
}

/** Views with one recipe. */
export interface ViewGroup {
  readonly augmentations: readonly RecipeStep[];
  readonly size?: number | undefined;
  readonly count: number;
}

/**
 * Prepares the views of a pipeline for its images.
 * @throws SsqlError VIEW_COUNT, VIEW_SHAPES, VIEW_SIZE, VIEW_WHOLE if the method does not take these views; of an augmentation that is impossible on these images
 */
export function prepareViews(
  tf: Tf,
  { shared, groups, method, takes, whole = false, location }: ViewSettings,
  images: ImageShape,
): Views<PreparedRecipe> {
  const written = groups?.reduce((sum, { count }) => sum + count, 0);
  const count = viewCount(method, takes, written, location);
  const recipes = groups?.flatMap((group, index) => {
    const recipe = prepareGroup(tf, shared, group, images);
    const [height, width] = recipe.shape;
    if (group.size !== undefined && (height !== group.size || width !== group.size))
      throw viewSizeUnmet(group.size, recipe.shape, location(['views', index]));
    return Array.from({ length: group.count }, () => recipe);
  }) ?? [prepareRecipe(tf, shared, images)];
  // The schema requires a group, and a view of each.
  const firstSteps = groups === undefined ? shared : stepsOf(tf, shared, groups[0]!, images);
  const views = viewsOf(recipes as [PreparedRecipe, ...PreparedRecipe[]], count, (augmentations) =>
    evaluationRecipe(tf, firstSteps, augmentations, images, whole),
  );
  const uncropped = recipes.findIndex(({ crops }) => crops !== true);
  if (whole && uncropped >= 0) throw viewNotCropped(uncropped, location(['augment']));
  const { global } = positionsOf(takes);
  recipes.slice(0, global).forEach(({ shape }, view) => {
    if (shape.join() !== views.shape.join())
      throw viewShapesDiffer(method, global, [views.shape, shape], view, location(['views']));
  });
  return views;
}

/** The views of a step with these recipes. If there are more views than recipes, the first recipe follows the last. */
export function viewsOf<R extends Recipe>(
  recipes: readonly [R, ...R[]],
  count: number,
  evaluation: Views['evaluation'] = () => recipes[0],
): Views<R> {
  const [first] = recipes;
  return {
    count,
    shape: first.shape,
    recipe: (view) => recipes[view % recipes.length]!,
    evaluate: first.evaluate,
    evaluation,
  };
}

function prepareGroup(tf: Tf, shared: readonly RecipeStep[], group: ViewGroup, images: ImageShape): PreparedRecipe {
  return prepareRecipe(tf, stepsOf(tf, shared, group, images), images, group.size);
}

/** The shared steps, then the group's. Shared steps at the end that evaluation applies too, such as normalization, stay last. */
function stepsOf(
  tf: Tf,
  shared: readonly RecipeStep[],
  { augmentations, size }: ViewGroup,
  images: ImageShape,
): readonly RecipeStep[] {
  const { steps } = prepareRecipe(tf, shared, images, size);
  const last = steps.findLastIndex(({ evaluation }) => evaluation !== true) + 1;
  return [...shared.slice(0, last), ...augmentations, ...shared.slice(last)];
}

/** The steps of a view that evaluation applies, with further ones before those at their end. */
function evaluationRecipe(
  tf: Tf,
  ofView: readonly RecipeStep[],
  augmentations: readonly Augmentation[],
  images: ImageShape,
  whole: boolean,
): Recipe {
  const { steps } = prepareRecipe(tf, ofView, images);
  const last = steps.findLastIndex(({ evaluation }) => evaluation !== true) + 1;
  const before = ofView.filter((_, index) => index < last && steps[index]!.evaluation === true);
  const after = ofView.slice(last);
  const added = augmentations.map((augmentation) => ({ augmentation, location: undefined }));
  const [crop, ...others] = added;
  if (!whole || crop === undefined || prepareRecipe(tf, [crop], images).crops !== true)
    return prepareRecipe(tf, [...before, ...added, ...after], images);
  const evaluated = prepareRecipe(tf, [...before, ...after], images);
  const kept = new Set(
    [...before, ...after].filter((_, index) => {
      const input = index === 0 ? images : evaluated.steps[index - 1]!.output;
      return evaluated.steps[index]!.output.join() === input.join();
    }),
  );
  const keptOf = (list: readonly RecipeStep[]): readonly RecipeStep[] => list.filter((step) => kept.has(step));
  const [height] = evaluated.shape;
  return prepareRecipe(tf, [crop, ...keptOf(before), ...others, ...keptOf(after)], images, height);
}

/** A tensor [N,H,W,C] of the bytes that a split returns. */
export function imageTensor(tf: Tf, bytes: Uint8Array, [height, width, channels]: ImageShape): Tensor4D {
  return tf.tensor4d(Float32Array.from(bytes), [bytes.length / (height * width * channels), height, width, channels]);
}
