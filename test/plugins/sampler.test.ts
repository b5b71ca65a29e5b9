import assert from 'node:assert/strict';
import { formatPrecision, type Sampler } from '@ssql/core';
import { precisionChoices } from '../../packages/core/src/train/precision-choices.js';
import { drawPrecisions } from '../../packages/core/src/train/step-inputs.js';
import { cyclic } from '../../packages/plugins/src/sampler/cyclic.js';
import { uniformSampler } from '../../packages/plugins/src/sampler/uniform.js';
import { weighted } from '../../packages/plugins/src/sampler/weighted.js';
import { make } from './make-plugin.js';

const SETS = { weights: [2, 3, 4, 5, 6, 7, 8], activations: [4, 5, 6, 7, 8] };

const STEPS_PER_EPOCH = 5;

/** What a training draws, step by step. */
function drawn(sampler: Sampler, steps: number, { seed = 1, from = 0, sets = SETS } = {}): string[] {
  return Array.from({ length: steps }, (_, index) => {
    const step = from + index;
    const at = { step, epoch: Math.floor(step / STEPS_PER_EPOCH) };
    return formatPrecision(drawPrecisions(sampler, sets, ['random'], seed, at)[0]!);
  });
}

function shares(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1 / texts.length);
  return counts;
}

describe('samplers', () => {
  const samplers: readonly (readonly [string, () => Promise<Sampler>])[] = [
    ['uniform per step', () => make(uniformSampler)],
    ['uniform per epoch', () => make(uniformSampler, { per: 'epoch' })],
    ['uniform together', () => make(uniformSampler, { together: true })],
    ['cyclic', () => make(cyclic, { order: 'zigzag' })],
    ['weighted', () => make(weighted, { shares: { 2: 3 }, per: 'epoch' })],
  ];
  for (const [name, create] of samplers) {
    it(`${name}: resumes where it was, and depends on nothing but the seed`, async () => {
      const sampler = await create();
      const whole = drawn(sampler, 60);
      assert.deepEqual(drawn(await create(), 60), whole);
      assert.deepEqual(drawn(sampler, 23, { from: 37 }), whole.slice(37));
      if (name !== 'cyclic') assert.notDeepEqual(drawn(sampler, 60, { seed: 2 }), whole);
    });
  }

  it('draw only the precisions that a wrapper leaves to them, and learn which', () => {
    const asked: number[] = [];
    const sampler: Sampler = {
      draw(_random, _sets, { index }) {
        asked.push(index);
        return { weights: 3, activations: 5 };
      },
    };
    const at = { step: 0, epoch: 0 };
    const drawn = drawPrecisions(sampler, SETS, ['max', 'random', 'min', 'random'], 1, at);
    assert.deepEqual(drawn.map(formatPrecision), ['w8a8', 'w3a5', 'w2a4', 'w3a5']);
    assert.deepEqual(asked, [1, 3]);
    const weightsOnly = drawPrecisions(sampler, { ...SETS, activations: [] }, ['max', 'min'], 1, at);
    assert.deepEqual(weightsOnly.map(formatPrecision), ['w8', 'w2']);
  });

  it('refuse what a wrapper cannot ask for', () => {
    assert.equal(precisionChoices({ precisions: 2 }).join(), 'random,random');
    for (const precisions of [-1, 1.5, ['widest']])
      assert.throws(() => precisionChoices({ precisions: precisions as number }), { code: 'WRAPPER_INVALID' });
  });

  it('hold a draw for an epoch', async () => {
    for (const plugin of [uniformSampler, weighted, cyclic]) {
      const precisions = drawn(await make<'sampler'>(plugin, { per: 'epoch', shares: {} }), 200);
      precisions.forEach((precision, step) =>
        assert.equal(precision, precisions[step - (step % STEPS_PER_EPOCH)], `${plugin.name} at ${step}`),
      );
      assert.ok(new Set(precisions).size > 5);
    }
  });

  it('draw together only what both operands have, equally often', async () => {
    const counts = shares(drawn(await make(uniformSampler, { together: true }), 20_000));
    assert.deepEqual([...counts.keys()].sort(), ['w4a4', 'w5a5', 'w6a6', 'w7a7', 'w8a8']);
    // Deviation of a share of 1/5 over 20 000 draws: 0.0028.
    for (const share of counts.values()) assert.ok(Math.abs(share - 0.2) < 0.014, String(share));
  });

  it('leave a side without bits float, also together', async () => {
    const sets = { weights: [2, 3], activations: [] };
    for (const together of [true, false])
      assert.deepEqual(drawn(await make(cyclic, { together }), 3, { sets }), ['w2', 'w3', 'w2']);
  });

  it('refuse before the first step what they cannot draw', async () => {
    const sets = { weights: [2, 3], activations: [8] };
    for (const plugin of [uniformSampler, cyclic, weighted]) {
      const sampler = await make<'sampler'>(plugin, { together: true, shares: {} });
      assert.throws(() => sampler.check?.(sets), { code: 'WIDTHS_DISJOINT' });
      (await make<'sampler'>(plugin, { shares: {} })).check?.(sets);
    }
    for (const given of [{ 5: 1 }, { 2: 0, 3: 0 }]) {
      const sampler = await make(weighted, { shares: given });
      assert.throws(() => sampler.check?.(sets), { code: 'SHARES_INVALID' });
    }
  });

  it('draw as often as their shares say', async () => {
    const sets = { weights: [2, 4, 8], activations: [4, 8] };
    const counts = shares(drawn(await make(weighted, { shares: { 2: 0, 8: 3 } }), 20_000, { sets }));
    const expected = { w4a4: 1 / 16, w4a8: 3 / 16, w8a4: 3 / 16, w8a8: 9 / 16 };
    assert.deepEqual([...counts.keys()].sort(), Object.keys(expected));
    for (const [precision, share] of Object.entries(expected))
      assert.ok(Math.abs(counts.get(precision)! - share) < 0.02, precision);
  });
});

describe('sampler uniform', () => {
  it('draws every pair of bits equally often', async () => {
    const steps = 35_000;
    const counts = [...shares(drawn(await make(uniformSampler), steps)).values()].map((share) => share * steps);
    assert.equal(counts.length, 35);
    // Expected 1000 each, standard deviation 31: chi-squared over 34 degrees of freedom stays below 80 but once in 10^5.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquared < 80, `chi-squared is ${chiSquared}`);
  });

  it('draws what results so far were trained with', async () => {
    const recorded =
      'w5a8 w8a8 w3a8 w2a7 w2a4 w4a7 w2a8 w4a5 w5a6 w6a5 w4a6 w4a7 w3a4 w2a4 w4a4 w3a8 w5a7 w8a7 w3a6 w4a7 w2a4 w6a6 w2a8 w7a5';
    assert.equal(drawn(await make(uniformSampler), 24).join(' '), recorded);
  });

  it('leaves a side without bits float', async () => {
    const sets = { weights: [4, 5], activations: [] };
    for (const precision of drawn(await make(uniformSampler), 5, { sets })) assert.match(precision, /^w[45]$/);
  });
});

describe('sampler cyclic', () => {
  const bits = async (order: string): Promise<string[]> =>
    drawn(await make(cyclic, { order }), 9, { sets: { weights: [4, 2, 3, 8], activations: [] } });

  it('goes up, down, or up and down', async () => {
    assert.equal((await bits('ascending')).join(), 'w2,w3,w4,w8,w2,w3,w4,w8,w2');
    assert.equal((await bits('descending')).join(), 'w8,w4,w3,w2,w8,w4,w3,w2,w8');
    assert.equal((await bits('zigzag')).join(), 'w2,w3,w4,w8,w4,w3,w2,w3,w4');
  });

  it('comes to every pair of operands whose sizes have no common divisor', async () => {
    assert.equal(new Set(drawn(await make(cyclic), 35)).size, 35);
  });

  it('keeps one or two widths in turn', async () => {
    for (const weights of [[3], [3, 5]]) {
      const sets = { weights, activations: [] };
      const expected = [0, 1, 2, 3].map((step) => `w${weights[step % weights.length]}`);
      assert.deepEqual(drawn(await make(cyclic, { order: 'zigzag' }), 4, { sets }), expected);
    }
  });
});
