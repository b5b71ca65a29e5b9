import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Augmentation, PreparedAugmentation } from '@ssql/core';
import { SsqlError } from '../../packages/core/src/errors.js';
import { prepareRecipe, type Recipe, type RecipeStep } from '../../packages/core/src/train/recipe.js';
import { prepareViews, type ViewSettings } from '../../packages/core/src/train/views.js';
import { centerCrop } from '../../packages/plugins/src/augmentation/center-crop.js';
import { randomResizedCrop } from '../../packages/plugins/src/augmentation/random-resized-crop.js';
import { onCpu } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';

/** Adds `count` random numbers to an image. */
const adding = (count: number, evaluation = false): Augmentation => ({
  prepare: (input): PreparedAugmentation => ({
    output: input,
    draws: count,
    draw: (random) => Array.from({ length: count }, () => random.uniform()),
    apply: (images, drawn) => tf.add(images, tf.reshape(tf.sum(drawn, 1), [-1, 1, 1, 1])),
    evaluation,
  }),
});
const steps = (...augmentations: readonly Augmentation[]): RecipeStep[] =>
  augmentations.map((augmentation) => ({ augmentation, location: undefined }));
const key = { seed: 1, epoch: 0, view: 0 };
const samples = Uint32Array.of(5, 9);

describe('views', () => {
  onCpu();

  it('give every augmentation separate random numbers, which depend only on seed, epoch, view and sample', () => {
    const views = prepareRecipe(tf, steps(adding(1), adding(0), adding(2)), [2, 2, 1]);
    assert.equal(views.draws, 3);
    const drawn = views.draw(key, samples);
    assert.equal(drawn.length, 6);
    assert.deepEqual(views.draw(key, Uint32Array.of(9)), drawn.subarray(3));
    for (const other of [{ seed: 2 }, { epoch: 1 }, { view: 1 }])
      assert.notDeepEqual(views.draw({ ...key, ...other }, samples), drawn);
    const images = tf.fill<tf.Rank.R4>([2, 2, 2, 1], 255);
    const made = views.apply(images, tf.tensor2d(drawn, [2, 3])).dataSync();
    [0, 1].forEach((row) => {
      const expected = 1 + drawn[3 * row]! + drawn[3 * row + 1]! + drawn[3 * row + 2]!;
      assert.ok(Math.abs(made[4 * row]! - expected) < 1e-6);
    });
  });

  it('apply in evaluation only the steps marked for it', () => {
    const shift: Augmentation = {
      prepare: (input) => ({
        output: input,
        draws: 0,
        draw: () => [],
        apply: (x) => tf.sub(x, 0.5),
        evaluation: true,
      }),
    };
    const views = prepareRecipe(tf, steps(adding(2), shift), [1, 1, 1]);
    const bytes = tf.tensor4d([0, 51], [2, 1, 1, 1]);
    assert.deepEqual(
      [...views.evaluate(bytes).dataSync()].map((value) => Math.round(1000 * value) / 1000),
      [-0.5, -0.3],
    );
  });

  it('of evaluation begin with the crop of a whole image, in place of the steps that cut it for evaluation', async () => {
    const darker: Augmentation = {
      prepare: (input) => ({ ...adding(0, true).prepare(input), apply: (x) => tf.sub<Tensor4D>(x, 0.5) }),
    };
    const settings: ViewSettings = {
      shared: steps(await make(randomResizedCrop, { size: 5 }), await make(centerCrop, { size: 6 }), adding(1), darker),
      method: 'any',
      takes: 2,
      location: () => undefined,
    };
    const wholeBox = await make(randomResizedCrop, { scale: [1, 1], ratio: [0.5, 0.5] });
    const recipeOf = (whole: boolean): Recipe => prepareViews(tf, { ...settings, whole }, [8, 8, 1]).evaluation([wholeBox]); // prettier-ignore
    const recipe = recipeOf(true);
    assert.deepEqual([recipe.crops, recipe.shape], [true, [6, 6, 1]], 'the size of evaluation');
    // A white image of 8 x 4 pixels on the left of a black array.
    const image = tf.tensor4d(Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? 255 : 0)), [1, 8, 8, 1]); // prettier-ignore
    const drawn = recipe.draw(key, Uint32Array.of(0), Uint16Array.of(8, 4));
    assert.deepEqual([...drawn], [0, 0, 8, 4]);
    for (const value of recipe.apply(image, tf.tensor2d(drawn, [1, 4])).dataSync())
      assert.ok(Math.abs(value - 0.5) < 1e-6);
    const cut = recipeOf(false);
    assert.deepEqual([cut.crops, cut.shape], [false, [6, 6, 1]], 'other images are cut as for evaluation first');
    const withoutCrop = prepareViews(tf, { ...settings, whole: true }, [8, 8, 1]).evaluation([adding(1)]);
    assert.deepEqual([withoutCrop.crops, withoutCrop.shape], [false, [6, 6, 1]]);
  });

  it('prepare each augmentation for the output of the previous one, and locate an impossible one', () => {
    const halves: Augmentation = {
      prepare([height, width, channels]) {
        if (height < 2) throw new SsqlError('AUGMENTATION_IMPOSSIBLE', 'too small');
        return { output: [height / 2, width / 2, channels], draws: 0, draw: () => [], apply: (x) => x };
      },
    };
    assert.deepEqual(prepareRecipe(tf, steps(halves, halves), [4, 8, 3]).shape, [1, 2, 3]);
    const location = { file: 'a.yaml', line: 1, column: 1, frame: '' };
    assert.throws(
      () =>
        prepareRecipe(
          tf,
          [halves, halves, halves].map((augmentation, line) => ({ augmentation, location: { ...location, line } })),
          [4, 4, 3],
        ),
      (error: unknown) => (error as SsqlError).details.location?.line === 2,
    );
  });
});

/** Halves both sides, or makes images of the view's size. */
const sized: Augmentation = {
  prepare: ([height, width, channels], size) => ({
    output: size === undefined ? [height / 2, width / 2, channels] : [size, size, channels],
    draws: 1,
    draw: (random) => [random.uniform()],
    apply: (images) => tf.image.resizeBilinear(images, size === undefined ? [height / 2, width / 2] : [size, size]),
  }),
};
/** Makes images of the view's height. */
const wide: Augmentation = {
  prepare: ([, width, channels], size = 1) => ({
    output: [size, width, channels],
    draws: 0,
    draw: () => [],
    apply: (images) => images,
  }),
};
/** Multiplies images, in evaluation too. */
const times = (factor: number, evaluation = false): Augmentation => ({
  prepare: (output) => ({ output, draws: 0, draw: () => [], apply: (x) => tf.mul(x, factor), evaluation }),
});
/** Adds to images. */
const plus = (term: number, evaluation = false): Augmentation => ({
  prepare: (output) => ({ output, draws: 0, draw: () => [], apply: (x) => tf.add(x, term), evaluation }),
});

const codeOf = (error: unknown): string => (error as SsqlError).code;

describe('groups of views', () => {
  onCpu();

  const prepare = (settings: Partial<ViewSettings>) =>
    prepareViews(tf, { shared: [], method: 'pair', takes: 2, location: () => undefined, ...settings }, [8, 8, 1]);
  const group = (count: number, augmentations: readonly Augmentation[], size?: number) => ({
    augmentations: steps(...augmentations),
    size,
    count,
  });

  it('are as many views of the shared steps as the method takes, without groups', () => {
    const views = prepare({ shared: steps(sized, adding(2)) });
    assert.deepEqual([views.count, views.recipe(0), views.shape], [2, views.recipe(1), [4, 4, 1]]);
    assert.equal(prepare({ takes: { global: 2, local: 6 } }).count, 8);
    assert.equal(prepare({ takes: { global: 2, local: 'any' } }).count, 2);
  });

  it('have their steps after the shared ones, but before normalization at the end', () => {
    // ((x + 1) * 3 + 10) * 2, and without the group's step for the other view.
    const shared = steps(plus(1, true), times(3), times(2, true));
    const views = prepare({ shared, groups: [group(1, [plus(10)]), group(1, [])] });
    const black = tf.zeros<tf.Rank.R4>([1, 8, 8, 1]);
    const none = tf.zeros<tf.Rank.R2>([1, 0]);
    assert.equal(views.recipe(0).apply(black, none).dataSync()[0], 26);
    assert.equal(views.recipe(1).apply(black, none).dataSync()[0], 6);
    assert.equal(views.evaluate(black).dataSync()[0], 2);
  });

  it('draw separately and have their own sizes', () => {
    const takes = { global: 2, local: 'any' } as const;
    const views = prepare({ shared: steps(sized), takes, groups: [group(2, [adding(1)], 6), group(3, [], 2)] });
    assert.equal(views.count, 5);
    const shapes = [0, 1, 2, 4].map((view) => views.recipe(view).shape.slice(0, 2));
    assert.deepEqual(shapes, [
      [6, 6],
      [6, 6],
      [2, 2],
      [2, 2],
    ]);
    assert.deepEqual([views.recipe(1).draws, views.recipe(2).draws], [2, 1]);
    const [first, second] = [0, 1].map((view) => views.recipe(view).draw({ seed: 1, epoch: 0, view }, samples));
    assert.notDeepEqual(first, second);
    assert.deepEqual(views.recipe(3).apply(tf.zeros([1, 8, 8, 1]), tf.zeros([1, 1])).shape, [1, 2, 2, 1]);
  });

  it('give their size to the shared steps too', () => {
    const needsSize: Augmentation = {
      prepare(images, size) {
        if (size === undefined) throw new SsqlError('AUGMENTATION_IMPOSSIBLE', 'no size');
        return sized.prepare(images, size);
      },
    };
    const views = prepare({ shared: steps(needsSize, times(2, true)), groups: [group(2, [plus(1)], 4)] });
    assert.deepEqual(views.shape, [4, 4, 1]);
  });

  it('may leave local views out', () => {
    assert.equal(prepare({ takes: { global: 2, local: 0 } }).count, 2);
    assert.equal(prepare({ takes: { global: 2, local: 'any' }, groups: [group(2, [])] }).count, 2);
  });

  it('are refused if the method takes other views', () => {
    const views = (count: number, size?: number) => [group(1, [sized], 4), group(count, [sized], size ?? 4)];
    const error = (settings: Partial<ViewSettings>, code: string, message: RegExp) =>
      assert.throws(
        () => prepare(settings),
        (thrown: unknown) => {
          assert.equal(codeOf(thrown), code);
          assert.match((thrown as Error).message, message);
          return true;
        },
      );
    error({ groups: views(2) }, 'VIEW_COUNT', /takes 2 views, but `views` has 3/);
    error({ groups: views(2), takes: { global: 2, local: 2 } }, 'VIEW_COUNT', /2 global and 2 local views/);
    error({ groups: views(1), takes: { global: 3, local: 'any' } }, 'VIEW_COUNT', /at least 3 views/);
    error({ groups: views(1, 2) }, 'VIEW_SHAPES', /view 1 is 4x4x1 and view 2 is 2x2x1/);
    error({ groups: [group(2, [times(2)], 4)] }, 'VIEW_SIZE', /8x8, not 4x4/);
    error({ groups: [group(2, [wide], 4)] }, 'VIEW_SIZE', /4x8, not 4x4/);
    error({ takes: undefined as never }, 'METHOD_VIEWS_INVALID', /does not say how many views/);
    error({ takes: { global: 0 } }, 'METHOD_VIEWS_INVALID', /does not say/);
  });
});
