import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, type Dataset, type Engine } from '@ssql/core';
import { diskFull } from '../../packages/core/src/artifact/artifact-errors.js';
import type { Checkpoint } from '../../packages/core/src/artifact/checkpoint-files.js';
import { openRunFolder, type RunFolder } from '../../packages/core/src/artifact/run-folder.js';
import { pretrain, type Training } from '../../packages/core/src/train/pretrain.js';
import { THREADS } from './engines.js';
import { microComposition, microInputs, microModel } from './micro.js';

describe('training that writes checkpoints', () => {
  let opened: Engine;
  const engine = (): Engine => opened;
  before(async () => void (opened = await openEngine({ use: 'auto', threads: THREADS })));
  after(() => opened.close());

  let path: string;
  let folder: RunFolder;
  let tensors: number;
  beforeEach(async () => {
    path = mkdtempSync(join(tmpdir(), 'ssql-pretrain-'));
    folder = await openRunFolder(path, { resume: false, fresh: false });
    tensors = engine().memory().tensors;
  });
  afterEach(() => {
    rmSync(path, { recursive: true });
    assert.equal(engine().memory().tensors, tensors, 'tensors are left');
  });

  /** Six steps, one per epoch, each saved. */
  const training = async (change: Partial<Training> = {}): Promise<Training> => {
    const composition = await microComposition(engine(), {});
    const { views, inputs } = microInputs(engine());
    engine().tf.dispose(inputs);
    const train = { size: 4, labels: new Uint8Array(4), read: async () => new Uint8Array(4 * 32 * 32 * 3) };
    const dataset = { shape: [32, 32, 3], train } as unknown as Dataset; // only these members are read
    return {
      engine: engine(),
      precision: 'float32',
      composition: { ...composition, dataset },
      model: microModel(composition),
      views,
      seed: 1,
      epochs: 6,
      batch: 4,
      checkpointEvery: 1,
      signal: new AbortController().signal,
      logs: { metrics: async () => undefined },
      monitor: { isDue: () => false, watch: async () => undefined },
      onStep: () => undefined,
      ...change,
    };
  };
  const bytes = (): readonly Buffer[] =>
    ['weights.safetensors', join('checkpoints', 'last.safetensors')].map((name) => readFileSync(join(path, name)));

  it('goes on while one is written, and waits for it before the next', async () => {
    const events: string[] = [];
    const writes: (() => void)[] = [];
    const slow: RunFolder = {
      ...folder,
      async flushMetrics() {
        events.push('flush');
        await folder.flushMetrics();
      },
      async saveCheckpoint(checkpoint) {
        events.push(`write ${checkpoint.step}`);
        await new Promise<void>((resolve) => writes.push(resolve));
        await folder.saveCheckpoint(checkpoint);
        events.push(`written ${checkpoint.step}`);
      },
      async writeWeights(weights) {
        events.push('weights');
        await folder.writeWeights(weights);
      },
    };
    const onStep: Training['onStep'] = (done) => {
      if (done > 0) events.push(`step ${done}`);
    };
    const trained = pretrain(await training({ epochs: 3, onStep }), slow);
    const release = async (): Promise<void> => {
      while (writes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 100)); // long enough for more steps, if it does not wait
      writes.shift()!();
    };
    for (let step = 1; step <= 3; step++) await release();
    await trained;
    assert.deepEqual(events, [
      'step 1', 'flush', 'write 1', 'step 2', 'written 1',
      'flush', 'write 2', 'step 3', 'written 2',
      'flush', 'write 3', 'written 3', 'weights',
    ]); // prettier-ignore
  });

  const full = diskFull('last.safetensors', new Error('ENOSPC'));
  /** A folder on a disk that is full from a step on; it says so after a while. */
  const filling = (first: number): { readonly disk: RunFolder; readonly tried: number[] } => {
    const tried: number[] = [];
    const saveCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
      tried.push(checkpoint.step);
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (checkpoint.step >= first) throw full;
      await folder.saveCheckpoint(checkpoint);
    };
    return { disk: { ...folder, saveCheckpoint }, tried };
  };

  it('fails with the error of a write, and keeps the checkpoint before', async () => {
    const { disk, tried } = filling(3);
    await assert.rejects(pretrain(await training(), disk), full);
    assert.deepEqual(tried, [1, 2, 3]);
    assert.equal((await folder.loadCheckpoint())?.step, 2);
  });

  it('fails with the error of the last write', async () => {
    await assert.rejects(pretrain(await training(), filling(6).disk), full);
    assert.equal((await folder.loadCheckpoint())?.step, 5);
  });

  it('fails soon after a write does, and not only at the next one', async () => {
    let steps = 0;
    const onStep: Training['onStep'] = (done) => void (steps = done);
    const change = { epochs: 10, checkpointEvery: 2, onStep };
    const failing = { ...folder, saveCheckpoint: () => Promise.reject(full) };
    await assert.rejects(pretrain(await training(change), failing), full);
    assert.equal(steps, 2);
  });

  it('waits for the write when it is stopped, and continues to the same bytes', async () => {
    await pretrain(await training(), folder);
    const whole = bytes();
    folder = await openRunFolder(path, { resume: false, fresh: true });

    const stop = new AbortController();
    const onStep: Training['onStep'] = (done) => {
      if (done === 4) stop.abort(new Error('stopped'));
    };
    await assert.rejects(pretrain(await training({ signal: stop.signal, onStep }), filling(9).disk), /stopped/);
    assert.equal((await folder.loadCheckpoint())?.step, 4, 'it is written when training ends');
    await pretrain(await training(), folder);
    assert.deepEqual(bytes(), whole);
  });

  it('says that nothing was saved rather than that it was stopped or that the monitor failed', async () => {
    const stop = new AbortController();
    const onStep: Training['onStep'] = (done) => {
      if (done === 3) stop.abort(new Error('stopped'));
    };
    await assert.rejects(pretrain(await training({ signal: stop.signal, onStep }), filling(3).disk), full);
    const monitor: Training['monitor'] = {
      isDue: (step) => step === 3,
      async watch(step) {
        if (step === 3) throw new Error('the monitor failed');
      },
    };
    await assert.rejects(pretrain(await training({ monitor }), filling(3).disk), full);
    await assert.rejects(pretrain(await training({ monitor }), filling(9).disk), /the monitor failed/);
    assert.equal((await folder.loadCheckpoint())?.step, 3);
  });

  it('reads the next images while a step runs, each batch once and in order, and leaves no read behind', async () => {
    const events: string[] = [];
    let reading = 0;
    const read = async (indexes: ArrayLike<number>) => {
      events.push(`read ${Array.from(indexes).join()}`);
      reading++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      reading--;
      return Uint8Array.from({ length: 4 * 32 * 32 * 3 }, (_, i) => (i * (1 + indexes[0]!)) % 251);
    };
    const onStep: Training['onStep'] = (done) => void events.push(`step ${done}`);
    const controller = new AbortController();
    const reads = async (change: Partial<Training>, stopAt?: number): Promise<void> => {
      const base = await training(change);
      const train = { size: 4, labels: new Uint8Array(4), read };
      const dataset = { ...base.composition.dataset, train };
      const stopping: Training['onStep'] = (...args) => {
        onStep(...args);
        if (args[0] === stopAt) controller.abort(new Error('stopped'));
      };
      await pretrain({ ...base, composition: { ...base.composition, dataset }, onStep: stopping }, folder);
    };
    await assert.rejects(reads({ signal: controller.signal }, 2), /stopped/);
    assert.equal(reading, 0, 'a read is left behind');
    assert.deepEqual(
      events.map((event) => event.split(' ')[0]),
      ['step', 'read', 'read', 'step', 'read', 'step'],
    );
    const before = events.filter((event) => event.startsWith('read'));
    events.splice(0);
    await reads({});
    // The batch that was read ahead is read again; six steps read six batches in all.
    const resumed = events.filter((event) => event.startsWith('read'));
    assert.equal(resumed.length, 4);
    assert.equal(resumed[0], before[2]);
  });

  it('fails with the error of a read at the step of its batch', async () => {
    const steps: number[] = [];
    let reads = 0;
    const base = await training({ onStep: (done) => void steps.push(done) });
    const { read } = base.composition.dataset.train;
    const train = {
      size: 4,
      labels: new Uint8Array(4),
      read: (indexes: ArrayLike<number>) => {
        if (++reads === 3) throw new Error('no such image');
        return read(indexes);
      },
    };
    const dataset = { ...base.composition.dataset, train };
    await assert.rejects(pretrain({ ...base, composition: { ...base.composition, dataset } }, folder), /no such image/);
    assert.deepEqual(steps, [0, 1, 2]);
  });
});
