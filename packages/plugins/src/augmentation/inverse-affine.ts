/** An affine map of an image about a center, in the terms of torchvision's `affine`. */
export interface Affine {
  /** Degrees, clockwise. */
  readonly angle?: number;
  /** Pixels to the right and down. */
  readonly translate?: readonly [x: number, y: number];
  readonly scale?: number;
  /** Degrees. */
  readonly shear?: readonly [x: number, y: number];
  /** The point that stays, in pixels from the upper left corner of the image. */
  readonly center: readonly [x: number, y: number];
}

const RADIAN = Math.PI / 180;

/** The numbers of the map from outputs to inputs that `warp` takes: torchvision's `_get_inverse_affine_matrix`. */
export function inverseAffine({
  angle = 0,
  translate = [0, 0],
  scale = 1,
  shear = [0, 0],
  center,
}: Affine): readonly number[] {
  const [rotation, shearX, shearY] = [angle * RADIAN, shear[0] * RADIAN, shear[1] * RADIAN];
  const a = Math.cos(rotation - shearY) / Math.cos(shearY);
  const b = -a * Math.tan(shearX) - Math.sin(rotation);
  const c = Math.sin(rotation - shearY) / Math.cos(shearY);
  const d = -c * Math.tan(shearX) + Math.cos(rotation);
  // The center of a pixel is half a pixel from its corner.
  const x = 0.5 - center[0] - translate[0];
  const y = 0.5 - center[1] - translate[1];
  const toX = (d * x - b * y) / scale + center[0] - 0.5;
  const toY = (a * y - c * x) / scale + center[1] - 0.5;
  return [d / scale, -b / scale, toX, -c / scale, a / scale, toY];
}
