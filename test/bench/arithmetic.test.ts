import assert from 'node:assert/strict';
import { arch } from 'node:os';
import { costOf, findLibrary } from '@ssql/core/run';
import { DIRECTIONS, flopOf, workOf, type Work } from '../../bench/arithmetic.js';
import { judge } from '../../bench/guard.js';
import { layersOf, macsOf } from '../../bench/layers.js';
import type { Job } from '../../bench/recipe.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { make } from '../plugins/make-plugin.js';
import { executedBy } from './executed.js';

const SIMSIAM = { use: 'simsiam', with: { dim: 64, predictorHidden: 32 } };
const METHODS = [SIMSIAM, { use: 'byol', with: { dim: 64, hidden: 64 } }, { use: 'moco', with: { queue: 8 } }];
const JOB: Job = { network: 'small', method: SIMSIAM, wrapper: 'ssql', batch: 4, steps: 1, threads: 1 };

describe('the arithmetic of the benches', () => {
  for (const options of [{ stem: 'cifar' }, { stem: 'imagenet' }]) {
    it(`counts the multiplications that \`ssql describe\` counts, with the ${options.stem} stem`, async () => {
      const network = await make(resnet18, options);
      const macs = layersOf(network, [32, 32, 3]).layers.map(macsOf);
      const float = { weights: 'float', activations: 'float' } as const;
      const { layers } = costOf(network, [32, 32, 3], float, { weights: new Map(), activations: new Map() });
      assert.deepEqual(
        macs,
        layers.map((layer) => layer.macs),
      );
    });
  }
});

/** The counted arithmetic of convolutions, by direction. */
function countedConvolutions(work: readonly Work[], batch: number): { readonly [direction: string]: number } {
  const convolutions = work.filter(({ layer }) => layer.kind === 'convolution');
  return Object.fromEntries(
    DIRECTIONS.map((direction) => [
      direction,
      convolutions.reduce((sum, item) => sum + 2 * batch * item[direction] * macsOf(item.layer), 0),
    ]),
  );
}

// No timing: the arithmetic that oneDNN reports is compared with what the benches count.
describe('the arithmetic that a step executes (tensorflow)', function () {
  this.timeout(120_000);
  before(function () {
    if (findLibrary() === undefined || arch() !== 'x64') this.skip(); // only there does libtensorflow use oneDNN for all of it
  });

  for (const method of METHODS) {
    it(`is what the benches count, for ${method.use} with SSQL`, async () => {
      const work = await workOf({ ...JOB, method });
      const { convolutions, products } = await executedBy({ ...JOB, method });
      assert.deepEqual(convolutions, countedConvolutions(work, JOB.batch));
      const counted = flopOf(work, JOB.batch) - sum(Object.values(convolutions));
      // MoCo multiplies the queries of both branches with its queue too, forward and backward; this is not counted.
      const queue = method.use === 'moco' ? 2 * 2 * 2 * JOB.batch * 8 * 128 : 0;
      assert.equal(products, counted + queue);
    });
  }

  it('is half of it with two equal views, and the guard notices', async () => {
    const work = await workOf(JOB);
    const flop = flopOf(work, JOB.batch);
    /** The verdict on a step at a share of the machine's peak, whatever the peak is. */
    const verdictAt = async (share: number, job: Job) => {
      const { convolutions, products } = await executedBy(job);
      const executed = sum(Object.values(convolutions)) + products;
      return judge({ flop, seconds: executed / share / 1e9, leastSeconds: flop / 1e9 });
    };
    const equal = await verdictAt(0.6, { ...JOB, equalViews: true });
    assert.equal(equal.possible, false, 'equal views are computed once, so even at 60% of the peak they seem faster');
    const different = await verdictAt(1, JOB);
    assert.equal(different.possible, true, 'different views are computed twice, so at the peak they are as fast as it');
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
