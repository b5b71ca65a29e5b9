import { SsqlError, type Location } from '../errors.js';
import type { ImageShape } from '../kinds/augmentation.js';

/**
 * The groups in `views` give another number of views than the method takes.
 * @remedy Change `count` in the groups of `views`, or use a method that takes that many views.
 */
export function viewCountInvalid(
  method: string,
  takes: string,
  written: number,
  location: Location | undefined,
): SsqlError {
  return new SsqlError('VIEW_COUNT', `The method \`${method}\` takes ${takes}, but \`views\` has ${written}.`, {
    location,
    hint: 'Change `count` in the groups of `views`, or use a method that takes that many views.',
  });
}

/**
 * Views differ in shape, but the method takes views of one shape in their positions.
 * @remedy Give these views one size, or use a method that takes local views of another size.
 */
export function viewShapesDiffer(
  method: string,
  global: number,
  [first, other]: readonly [ImageShape, ImageShape],
  view: number,
  location: Location | undefined,
): SsqlError {
  const shapes = `view 1 is ${first.join('x')} and view ${view + 1} is ${other.join('x')}`;
  return new SsqlError('VIEW_SHAPES', `The method \`${method}\` takes ${global} views of one shape, but ${shapes}.`, {
    location,
    hint: `Give views 1 to ${global} one size, or use a method that takes local views.`,
  });
}

/**
 * The steps of a view do not produce the size that its group asks for.
 * @remedy Add an augmentation that resizes to the group's `size`, without a `size` of its own, or remove `size`.
 */
export function viewSizeUnmet(size: number, [height, width]: ImageShape, location: Location | undefined): SsqlError {
  return new SsqlError('VIEW_SIZE', `The steps of this view make images of ${height}x${width}, not ${size}x${size}.`, {
    location,
    hint: 'Let a step of this view produce the size: one with an option `size`, or one that takes the size of the view.',
  });
}

/**
 * Images are read whole, each of its size, and the first step of a view does not crop them.
 * @remedy Make a random crop of a fixed size the first step of every view, or read the images without `whole`.
 */
export function viewNotCropped(view: number, location: Location | undefined): SsqlError {
  return new SsqlError(
    'VIEW_WHOLE',
    `Images are read whole, each of its size, and the first step of view ${view + 1} does not crop them.`,
    {
      location,
      hint: 'Make a random crop of a fixed size the first step of every view, or read the images without `whole`.',
    },
  );
}

/**
 * A method's `views` is neither a number of views nor a number of global and of local views.
 * @remedy Fix the method: write `views: 2`, or `views: { global: 2, local: 'any' }`.
 */
export function viewsOfMethodInvalid(method: string, location: Location | undefined): SsqlError {
  return new SsqlError('METHOD_VIEWS_INVALID', `The method \`${method}\` does not say how many views it takes.`, {
    location,
    hint: "Write `views: 2`, or `views: { global: 2, local: 'any' }`, in the method.",
  });
}

/**
 * The backbone has other weights for images of another size, so that it cannot encode views of several sizes.
 * @remedy Use a backbone that ends in global average pooling, or give all views one size.
 */
export function viewsUnlikeWeights(shape: ImageShape, name: string, location: Location | undefined): SsqlError {
  return new SsqlError(
    'VIEW_WEIGHTS',
    `For views of ${shape.join('x')}, the network has another shape of \`${name}\`.`,
    {
      location,
      hint: 'Use a backbone that ends in global average pooling, or give all views one size.',
    },
  );
}
