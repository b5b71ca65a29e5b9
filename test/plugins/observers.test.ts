import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { random, type Observer } from '@ssql/core';
import { gaussian } from '../../packages/plugins/src/observer/gaussian.js';
import { histogram } from '../../packages/plugins/src/observer/histogram.js';
import { movingAverageMinmax } from '../../packages/plugins/src/observer/moving-average-minmax.js';
import { mse } from '../../packages/plugins/src/observer/mse.js';
import { percentile } from '../../packages/plugins/src/observer/percentile.js';
import { itIsOfficial, onTfjs } from '../parity/it-is-official.js';
import { observerCases } from '../parity/observers.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

describe('observers', () => {
  onCpu();

  itIsOfficial('b_observers.json', observerCases, () => onTfjs);

  it('moving-average-minmax is an average of the extremes of batches', async () => {
    const observer = await make(movingAverageMinmax, { momentum: 0.75 });
    near(
      ends(observer, [
        [-1, 2],
        [-3, 0, 6],
      ]),
      [-1.5, 3],
    ); // -1 + (-3 + 1) / 4, 2 + (6 - 2) / 4
  });

  it('gaussian is that of all batches together, and within what was seen', async () => {
    const wide = await make(gaussian, { deviations: 1 });
    const values = [-4, 1, 2, 2, 3, 8];
    const mean = 2;
    const deviation = Math.sqrt((36 + 1 + 0 + 0 + 1 + 36) / 5);
    near(ends(wide, [[-4, 1], [2, 2, 3], [8]]), [mean - deviation, mean + deviation]);
    near(ends(await make(gaussian, { deviations: 3 }), [values]), [-4, 8]);
  });

  it('percentile leaves out the part that it says, of all batches', async () => {
    const observer = await make(percentile, { alpha: 0.02 });
    const source = random(1, 'percentile');
    const batches = [300, 500, 200].map((size) => Array.from({ length: size }, () => source.normal()));
    const magnitudes = batches
      .flat()
      .map(Math.abs)
      .sort((a, b) => b - a);
    near(ends(observer, batches), [-magnitudes[19]!, magnitudes[19]!]);
  });

  it('percentile rounds the number of values that it leaves out to the nearest', async () => {
    const values = [-9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    for (const [alpha, range] of [
      [0.14, [-9, 8]], // 1.4: the largest magnitude is the bound
      [0.16, [-8, 8]], // 1.6: the second largest is
      [0.24, [-8, 8]],
      [0.26, [-7, 7]],
    ] as const)
      near(ends(await make(percentile, { alpha }), [values]), [...range]);
  });

  it('mse draws the ends in by the factor with the least error of a fine grid', async () => {
    const source = random(1, 'mse');
    const values = Array.from({ length: 1500 }, () => source.normal());
    for (const bits of [2, 3, 4, 6]) {
      const [min, max] = ends(await make(mse), [values], bits);
      const [lowest, highest] = [Math.min(...values), Math.max(...values)];
      const errorAt = (factor: number): number => {
        const scale = (factor * (highest - lowest)) / (2 ** bits - 1);
        const zero = -Math.round((factor * lowest) / scale);
        return values.reduce((sum, x) => {
          const code = Math.min(Math.max(Math.round(x / scale) + zero, 0), 2 ** bits - 1);
          return sum + Math.abs((code - zero) * scale - x) ** 2.4;
        }, 0);
      };
      const grid = Array.from({ length: 801 }, (_, i) => 0.2 + i / 1000);
      const best = Math.min(...grid.map(errorAt));
      assert.ok(Math.abs(min / lowest - max / highest) < 1e-5, 'one factor');
      assert.ok(errorAt(max / highest) < 1.05 * best, `at ${bits} bits ${max / highest}`);
    }
  });

  it('mse with symmetric levels draws the ends in by the factor with the least error of those levels', async () => {
    const source = random(1, 'mse symmetric');
    const values = Array.from({ length: 1500 }, () => source.normal() + 0.7);
    for (const bits of [2, 3, 4]) {
      const [min, max] = ends(await make(mse, { symmetric: true }), [values], bits);
      const [lowest, highest] = [Math.min(...values), Math.max(...values)];
      const errorAt = (factor: number): number => {
        const scale = (factor * Math.max(-lowest, highest)) / ((2 ** bits - 1) / 2);
        return values.reduce((sum, x) => {
          const code = Math.min(Math.max(Math.round(x / scale), -(2 ** (bits - 1))), 2 ** (bits - 1) - 1);
          return sum + Math.abs(code * scale - x) ** 2.4;
        }, 0);
      };
      const best = Math.min(...Array.from({ length: 801 }, (_, i) => errorAt(0.2 + i / 1000)));
      assert.ok(Math.abs(min / lowest - max / highest) < 1e-5, 'one factor');
      assert.ok(errorAt(max / highest) < 1.05 * best, `at ${bits} bits ${max / highest}`);
    }
  });

  it('mse counts a thinned value once for each that it represents', async () => {
    // Ten batches within 1 that are thinned again and again, then a few far values, all kept: their true share is 1 of 200.
    const source = random(1, 'represents');
    const near = Array.from({ length: 10 }, () => Array.from({ length: 1000 }, () => source.between(-1, 1)));
    const far = Array.from({ length: 50 }, () => source.between(-6, 6));
    const all = ends(await make(mse, { samples: 100_000 }), [...near, far], 3);
    const few = ends(await make(mse, { samples: 50 }), [...near, far], 3);
    assert.ok(Math.abs(few[1] / all[1] - 1) < 0.2, `${few} and ${all}`);
  });

  it('mse of thinned batches is close to that of all values', async () => {
    const source = random(1, 'thinned');
    const batches = Array.from({ length: 6 }, () => Array.from({ length: 1000 }, () => source.normal()));
    const all = ends(await make(mse, { samples: 100_000 }), batches, 3);
    const few = ends(await make(mse, { samples: 600 }), batches, 3);
    assert.ok(Math.abs(few[1] / all[1] - 1) < 0.1, `${few} and ${all}`);
  });

  it('histogram finds the threshold of least divergence, as a plain search does', async () => {
    const source = random(1, 'histogram');
    const values = Array.from({ length: 4000 }, () => source.normal() ** 3);
    for (const bits of [3, 4, 6]) {
      const [min, max] = ends(await make(histogram), [values.slice(0, 1500), values.slice(1500)], bits);
      const expected = leastDivergence(values, 2 ** (bits - 1));
      near([min, max], [Math.max(-expected, Math.min(...values)), Math.min(expected, Math.max(...values))]);
    }
  });

  it('histogram clips more at fewer bits', async () => {
    const source = random(1, 'heavy');
    const values = Array.from({ length: 8000 }, () => source.normal() ** 3);
    const widths = await Promise.all([3, 4, 8].map(async (bits) => ends(await make(histogram), [values], bits)[1]));
    assert.ok(widths[0]! <= widths[1]! && widths[1]! <= widths[2]!, widths.join());
  });
});

/** Entropy calibration over 512 bins and 64 thresholds, written as loops. */
function leastDivergence(values: readonly number[], levels: number): number {
  const reach = 2 ** Math.ceil(Math.log2(Math.max(...values.map(Math.abs))));
  const counts = new Array<number>(512).fill(0);
  for (const value of values) counts[Math.min(Math.floor((Math.abs(value) / reach) * 512), 511)]! += 1;
  let best = { divergence: Infinity, width: 0 };
  for (let width = 8; width <= 512; width += 8) {
    if (width < levels) continue;
    const p = counts.slice(0, width);
    const inside = p.reduce((a, b) => a + b);
    const q = p.map((own, bin) => {
      const level = Math.floor((bin * levels) / width);
      const same = p.filter((count, other) => count > 0 && Math.floor((other * levels) / width) === level);
      return own === 0 ? 0 : same.reduce((a, b) => a + b) / same.length / inside;
    });
    p[width - 1]! += values.length - inside;
    const divergence = p.reduce((sum, count, bin) => {
      const part = count / values.length;
      return part === 0 ? sum : sum + part * (Math.log(part) - Math.log(Math.max(q[bin]!, 1e-7)));
    }, 0);
    if (divergence < best.divergence - 1e-6) best = { divergence, width };
  }
  return (best.width / 512) * reach;
}

function ends(observer: Observer, batches: readonly (readonly number[])[], bits = 4): [min: number, max: number] {
  const [first, ...others] = batches.map((values) => tf.tensor1d([...values]));
  const state = others.reduce(
    (state, batch) => observer.observe(batch, 'tensor', state),
    observer.observe(first!, 'tensor'),
  );
  const { min, max } = observer.range(state, tf.scalar(bits));
  return [min.dataSync()[0]!, max.dataSync()[0]!];
}

function near(found: readonly number[], expected: readonly number[]): void {
  expected.forEach((value, i) =>
    assert.ok(Math.abs(found[i]! - value) <= 1e-5 * Math.max(1, Math.abs(value)), `${found} instead of ${expected}`),
  );
}
