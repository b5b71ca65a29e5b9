import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { random } from '@ssql/core';
import { cutmixAt, drawMixing, mixTargets, mixViews, type Mixing } from '../../packages/plugins/src/stage/mixing.js';
import { onCpu } from '../plugins/context.js';

interface Reference {
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  readonly labels: readonly number[];
  readonly classes: number;
  readonly cases: readonly {
    readonly mix: 'mixup' | 'cutmix';
    readonly share: number;
    readonly centre: readonly [x: number, y: number];
    /** In units of 1e-5. */
    readonly images: readonly number[];
    readonly targets: readonly number[];
  }[];
}

const { shape, labels, classes, cases } = JSON.parse(
  readFileSync(new URL('mixing.json', import.meta.url), 'utf8'),
) as Reference;
const TOLERANCE = 1e-4;
const DRAWS = 20_000;

describe("mixup and cutmix against torchvision's", () => {
  onCpu();
  const [count, height, width, channels] = shape;
  const values = Array.from({ length: count * height * width * channels }, (_, i) => {
    return (((i * i * 7 + i * 31) % 251) + (i % 5)) / 255;
  });
  const near = (actual: tf.Tensor, expected: readonly number[], what: string): void => {
    const numbers = actual.dataSync();
    assert.equal(numbers.length, expected.length);
    expected.forEach((value, at) => assert.ok(Math.abs(numbers[at]! - value / 1e5) < TOLERANCE, `${what} at ${at}`));
  };

  it('mix images and targets alike', () => {
    assert.equal(cases.length, 8);
    for (const { mix, share, centre, images, targets } of cases) {
      const [x, y] = centre;
      const mixing: Mixing =
        mix === 'cutmix'
          ? cutmixAt(share, { x, y }, [height, width])
          : { kept: share, box: { top: 0, left: 0, bottom: 0, right: 0 }, share };
      const what = `${mix} ${share}`;
      near(mixViews(tf, tf.tensor4d(values, [...shape]), mixing), images, what);
      const each: tf.Tensor2D = tf.cast(tf.oneHot([...labels], classes) as tf.Tensor2D, 'float32');
      near(mixTargets(tf, each, mixing), targets, `${what}, targets`);
    }
  });

  it('draw shares of Beta(alpha, alpha), and boxes around any pixel', () => {
    for (const alpha of [0.2, 1, 3]) {
      const drawn = Array.from({ length: DRAWS }, (_, i) => drawMixing('mixup', alpha, random(1, 'mix', i), [24, 30]));
      const mean = drawn.reduce((sum, { share }) => sum + share, 0) / DRAWS;
      const variance = drawn.reduce((sum, { share }) => sum + (share - mean) ** 2, 0) / DRAWS;
      assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean} for ${alpha}`);
      assert.ok(Math.abs(variance * 4 * (2 * alpha + 1) - 1) < 0.03, `variance ${variance} for ${alpha}`);
      assert.ok(drawn.every(({ kept, share }) => kept === share));
    }
    const boxes = Array.from({ length: DRAWS }, (_, i) => drawMixing('cutmix', 1, random(1, 'mix', i), [24, 30]));
    for (const { kept, share, box } of boxes) {
      assert.equal(kept, 1);
      assert.ok(box.top >= 0 && box.left >= 0 && box.bottom <= 24 && box.right <= 30);
      assert.ok(Math.abs(share - (1 - ((box.bottom - box.top) * (box.right - box.left)) / 720)) < 1e-12);
    }
    // A share near 1 leaves an empty box, which is its centre: even over rows and over columns.
    const centres = Array.from(
      { length: DRAWS },
      (_, i) => drawMixing('cutmix', 0.05, random(1, 'mix', i), [24, 30]).box,
    ).filter(({ top, left, bottom, right }) => top === bottom && left === right);
    const even = (places: readonly number[], length: number): void => {
      const counts = new Array<number>(length).fill(0);
      for (const place of places) counts[place]! += 1;
      const expected = places.length / length;
      for (const [place, count] of counts.entries())
        assert.ok(
          Math.abs(count - expected) < 5 * Math.sqrt(expected),
          `${count} at ${place} of ${length}, expected ${expected}`,
        );
      assert.equal(counts.length, length);
    };
    assert.ok(centres.length > 5000, String(centres.length));
    even(
      centres.map(({ top }) => top),
      24,
    );
    even(
      centres.map(({ left }) => left),
      30,
    );
  });
});
