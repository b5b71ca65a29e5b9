import assert from 'node:assert/strict';
import type { BitSets, Sampler } from '../kinds/sampler.js';
import type { Precision } from '../quantization/precision.js';
import { random } from '../random.js';
import type { Law } from './law.js';
import { defineTester, type Tester } from './tester.js';

/** Tests samplers. A case may set `sets`, the bit widths to draw from; 2, 3, 4 and 8 for both operands by default. */
export const SamplerTester: Tester<'sampler', SamplerExtra> = defineTester({
  kind: 'sampler',
  laws: samplerLaws(),
  extras: ['sets'],
  prepare: ({ made, extra }) => made.check?.(setsOf(extra)),
});

/** What a case of a sampler may add to its options. */
export interface SamplerExtra {
  /** The bit widths to draw from. */
  readonly sets?: BitSets;
}

const OPERANDS = ['weights', 'activations'] as const;
const WIDTHS = [2, 3, 4, 8];
const EPOCHS = 200;
const STEPS_PER_EPOCH = 3;

function samplerLaws(): readonly Law<'sampler', SamplerExtra>[] {
  return [
    {
      name: 'its draws are of the sets',
      check({ made, extra }) {
        const sets = setsOf(extra);
        for (const only of [...OPERANDS, undefined]) {
          const some = only === undefined ? sets : { weights: [], activations: [], [only]: sets[only] };
          made.check?.(some);
          for (const drawn of draws(made, some))
            for (const operand of OPERANDS) {
              const allowed = some[operand].length === 0 ? ['float'] : some[operand];
              const bits = drawn[operand];
              assert.ok(
                (allowed as unknown[]).includes(bits),
                `${operand}: ${bits} is not one of ${allowed.join(', ')}`,
              );
            }
        }
      },
    },
    {
      name: 'it draws every width of the sets',
      check({ made, extra }) {
        const sets = setsOf(extra);
        const drawn = draws(made, sets);
        for (const operand of OPERANDS) {
          const never = sets[operand].filter((width) => !drawn.some((precision) => precision[operand] === width));
          assert.deepEqual(never, [], `${operand}: never drawn in ${drawn.length} steps: ${never.join(', ')}`);
        }
      },
    },
    {
      name: 'a draw is a function of its arguments',
      async check({ made, again, extra }) {
        const sets = setsOf(extra);
        const first = draws(made, sets);
        assert.deepEqual(draws(made, sets), first, 'drawn a second time, precisions differ');
        // A resumed run starts with a new sampler, in the middle.
        const resumed = draws(await again(), sets, first.length / 2);
        assert.deepEqual(resumed, first.slice(first.length / 2), 'a resumed run draws other precisions');
      },
    },
    {
      name: 'its period is a step or an epoch',
      check: ({ made: { per = 'step' } }) => assert.ok(per === 'step' || per === 'epoch', `\`per\` is ${String(per)}`),
    },
  ];
}

/** Frozen, because other plugins have the same sets. */
function setsOf({ sets: { weights, activations } = { weights: WIDTHS, activations: WIDTHS } }: SamplerExtra): BitSets {
  return Object.freeze({ weights: Object.freeze([...weights]), activations: Object.freeze([...activations]) });
}

/** The precisions of consecutive periods. */
function draws(sampler: Sampler, sets: BitSets, from = 0): readonly Precision[] {
  const total = sampler.per === 'epoch' ? EPOCHS : EPOCHS * STEPS_PER_EPOCH;
  return Array.from({ length: total - from }, (_, index) => {
    const period = from + index;
    const at =
      sampler.per === 'epoch'
        ? { step: period * STEPS_PER_EPOCH, epoch: period }
        : { step: period, epoch: Math.floor(period / STEPS_PER_EPOCH) };
    return sampler.draw(random(1, 'sampler', period), sets, { ...at, index: 0 });
  });
}
