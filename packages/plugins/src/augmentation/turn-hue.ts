import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';
import type { Planes } from './planes.js';

/** Turns the hue by [N,1], where 1 is the full circle, and keeps value and saturation: RGB to HSV and back in closed form. */
export function turnHue(tf: Tf, [red, green, blue]: Planes, turns: Tensor2D): Planes {
  const value: Tensor2D = tf.maximum(tf.maximum(red, green), blue);
  const least: Tensor2D = tf.minimum(tf.minimum(red, green), blue);
  const chroma: Tensor2D = tf.sub(value, least);
  const divisor: Tensor2D = tf.maximum(chroma, 1e-20); // a gray pixel's numerators are 0
  const part = (plus: Tensor2D, minus: Tensor2D, offset: number): Tensor2D =>
    tf.add(tf.div(tf.sub(plus, minus), divisor), offset);
  const sector = tf.where(
    tf.equal(value, red),
    part(green, blue, 0),
    tf.where(tf.equal(value, green), part(blue, red, 2), part(red, green, 4)),
  );
  const circles: Tensor2D = tf.add(tf.div(sector, 6), turns);
  const whole: Tensor2D = tf.floor(circles);
  const hue: Tensor2D = tf.mul(tf.sub(circles, whole), 6); // from 0 to 6
  const distance = (center: number): Tensor2D => tf.abs(tf.sub<Tensor2D>(hue, center));
  const channel = (unclamped: Tensor2D): Tensor2D => {
    const share: Tensor2D = tf.clipByValue(unclamped, 0, 1);
    return tf.add(least, tf.mul(chroma, share));
  };
  return [channel(tf.sub(distance(3), 1)), channel(tf.sub(2, distance(2))), channel(tf.sub(2, distance(4)))];
}
