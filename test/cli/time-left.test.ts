import assert from 'node:assert/strict';
import { createTimeLeft, type TimeLeft } from '../../packages/core/src/cli/time-left.js';

const STEPS = 10;
const RUNS = [1, 2, 3].map((number) => ({ number, of: 3, label: `run ${number}`, folder: `runs/${number}` }));

/** Three runs of 10 steps of a second, and of stages of 5 seconds; the clock is in seconds. */
class Timed {
  time = 0;
  readonly left: TimeLeft = createTimeLeft(() => this.time * 1000);

  constructor() {
    const steps = { done: 0, total: STEPS };
    this.left.take({ type: 'planned', runs: RUNS.map((run) => ({ run, steps, pending: true })) });
  }

  step(run: number, done: number, imagesPerSecond = 100): void {
    this.time += 1;
    const metrics = { step: done, epoch: 0, loss: 1, learningRate: 1, parts: {}, featureStd: 1, imagesPerSecond };
    this.left.take({ type: 'step', run: RUNS[run]!, done, total: STEPS, epochs: 1, metrics });
  }

  progress(run: number, phase: string): void {
    this.left.take({ type: 'progress', run: RUNS[run]!, phase, message: '', done: 1, total: 2 });
  }

  finish(run: number): void {
    const record = { evaluations: [], metrics: [] } as never; // not read here
    this.left.take({ type: 'finished', run: RUNS[run]!, record, seconds: 1 });
  }

  train(run: number): void {
    for (let done = 1; done <= STEPS; done++) {
      this.step(run, done);
      if (done === 5) this.progress(run, 'monitor');
    }
  }
}

describe('the time that is left', () => {
  it('counts stages from the end of training, not from the monitor', () => {
    const timed = new Timed();
    timed.train(0);
    assert.deepEqual(timed.left.ofAll(), { seconds: 20, atLeast: true });
    timed.time += 5;
    timed.finish(0);
    // Nothing is known of the run that is next but its 10 steps and 5 seconds; one more follows.
    assert.deepEqual(timed.left.ofAll(), { seconds: 30, atLeast: false });
    for (let done = 1; done <= 5; done++) timed.step(1, done);
    timed.progress(1, 'monitor');
    timed.step(1, 6);
    assert.deepEqual(timed.left.ofAll(), { seconds: 4 + 5 + 15, atLeast: false });
  });

  it('never counts stages that take longer than others as less than nothing', () => {
    const timed = new Timed();
    timed.train(0);
    timed.time += 5;
    timed.finish(0);
    timed.train(1);
    timed.progress(1, 'knn');
    assert.equal(timed.left.ofAll()?.seconds, 20);
    timed.time += 8;
    assert.equal(timed.left.ofAll()?.seconds, 15);
  });

  it('smooths the speed over seconds, the speed of the first step apart', () => {
    const timed = new Timed();
    timed.step(0, 1, 1); // compiles
    timed.step(0, 2);
    timed.step(0, 3);
    assert.ok(Math.abs(timed.left.imagesPerSecond()! - 100) < 1e-9);
    timed.step(0, 4, 50);
    const weight = 1 - Math.exp(-1 / 3);
    assert.ok(Math.abs(timed.left.imagesPerSecond()! - 1 / (0.01 + weight * 0.01)) < 1e-9);
  });
});
