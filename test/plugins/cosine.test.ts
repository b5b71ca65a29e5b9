import assert from 'node:assert/strict';
import { constant } from '../../packages/plugins/src/schedule/constant.js';
import { cosine } from '../../packages/plugins/src/schedule/cosine.js';
import { multiStep } from '../../packages/plugins/src/schedule/multi-step.js';
import { context } from './context.js';

const at = (
  epoch: number,
  step = epoch * 10,
): { epoch: number; epochs: number; step: number; stepsPerEpoch: number } => ({
  epoch,
  epochs: 100,
  step,
  stepsPerEpoch: 10,
});

describe('schedule cosine', () => {
  it('falls from 1 by epochs, the same for every step of one', async () => {
    const schedule = await cosine.create({ per: 'epoch', warmup: 0 }, context);
    assert.equal(schedule.factor(at(0)), 1);
    assert.ok(Math.abs(schedule.factor(at(50)) - 0.5) < 1e-12);
    assert.equal(schedule.factor(at(99)), 0.5 * (1 + Math.cos(0.99 * Math.PI)));
    assert.equal(schedule.factor(at(30, 300)), schedule.factor(at(30, 309)));
  });

  it('falls by steps', async () => {
    const schedule = await cosine.create({ per: 'step', warmup: 0 }, context);
    assert.equal(schedule.factor(at(30, 305)), 0.5 * (1 + Math.cos(0.305 * Math.PI)));
  });

  it('warms up linearly to 1 before it falls', async () => {
    const byEpoch = await cosine.create({ per: 'epoch', warmup: 4 }, context);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((epoch) => byEpoch.factor(at(epoch))),
      [0.25, 0.5, 0.75, 1, 1],
    );
    assert.ok(Math.abs(byEpoch.factor(at(52)) - 0.5) < 1e-12);
    const byStep = await cosine.create({ per: 'step', warmup: 1 }, context);
    assert.deepEqual(
      [0, 4, 9, 10].map((step) => byStep.factor(at(0, step))),
      [0.1, 0.5, 1, 1],
    );
  });
});

describe('schedule constant', () => {
  it('is 1', async () => {
    assert.equal((await constant.create({}, context)).factor(at(70)), 1);
  });
});

describe('schedule multi-step', () => {
  it('warms up by steps, then changes at the start of the epochs', async () => {
    const schedule = await multiStep.create({ epochs: [60, 80], factor: 0.5, warmup: 1 }, context);
    assert.deepEqual(
      [at(0, 0), at(0, 4), at(1), at(59), at(60), at(79), at(80)].map(schedule.factor),
      [0.1, 0.5, 1, 1, 0.5, 0.5, 0.25],
    );
  });
});
