import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, type Engine, type Tensors } from '@ssql/core';
import { planPipeline, runPipeline, type RunOptions } from '@ssql/core/run';
import { chooseThreads, threadsToTry } from '../../packages/core/src/run/choose-threads.js';
import { loadSmall, runOptions } from './cpu-pipeline.js';

/** A clock by which each of `count` choices takes long, except for the one at `fast`. */
function clockOf(count: number, fast: number): () => number {
  let calls = 0;
  let time = 0;
  return () => {
    const ends = calls % 2 === 1;
    const choice = Math.floor(calls++ / 2) % count;
    if (ends) time += choice === fast ? 10 : 30;
    return time;
  };
}

const WRONG = ['fast', 2, { intraOp: 0 }, { intraOp: 1025 }, { inter: 1 }];

describe('threads: auto', function () {
  this.timeout(120_000);

  it('tries few choices that fill the processors', () => {
    assert.deepEqual(threadsToTry(1), [{ intraOp: 1, interOp: 1 }]);
    assert.deepEqual(threadsToTry(4), [
      { intraOp: 1, interOp: 4 },
      { intraOp: 4, interOp: 1 },
      { intraOp: 4, interOp: 4 },
    ]);
  });

  it('measures in turns, without the first run, and prefers the least time', async () => {
    const [a, b] = [
      { intraOp: 1, interOp: 2 },
      { intraOp: 2, interOp: 1 },
    ];
    const order: unknown[] = [];
    const durations = [1, 900, 50, 30, 20, 40, 60, 35]; // a, b, a, b, ...: without its first run, a takes 20 and b 30
    let time = 0;
    const run = (threads: unknown): void => {
      order.push(threads);
      time += durations[order.length - 1]!;
    };
    const timed = await chooseThreads([a, b], run, () => time);
    assert.deepEqual(order, [a, b, a, b, a, b, a, b]);
    assert.deepEqual(timed, [
      { threads: a, seconds: 0.02 },
      { threads: b, seconds: 0.03 },
    ]);
  });

  it('measures steps of many seconds once', async () => {
    let [time, runs] = [0, 0];
    const run = (): void => {
      runs++;
      time += 6000;
    };
    await chooseThreads(threadsToTry(2), run, () => time);
    assert.equal(runs, 6);
  });

  describe('on libtensorflow', () => {
    let folder: string;
    beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-threads-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const load = (threads: unknown) =>
      loadSmall(folder, { engine: { use: 'tensorflow', threads }, train: { epochs: 4, batch: 50 }, stages: [] });
    const run = async (threads: unknown, name: string, change: Partial<RunOptions> = {}) => {
      const options = { ...runOptions(join(folder, name)), ...change };
      const { runs } = await runPipeline(await load(threads), options);
      return runs[0]!;
    };
    const threadsOf = ({ manifest }: { readonly manifest: { readonly [key: string]: unknown } }): unknown =>
      (manifest['engine'] as { readonly threads: unknown }).threads;
    const weightsOf = (path: string): Buffer => readFileSync(join(path, 'weights.safetensors'));

    it('keeps the fastest in the manifest, gives the bytes of these threads, and resumes with them', async function () {
      const choices = threadsToTry(availableParallelism());
      if (choices.length === 1) this.skip();
      const notes: string[] = [];
      const whole = await run('auto', 'whole', {
        clock: clockOf(choices.length, 0),
        onEvent: (event) => event.type === 'note' && void notes.push(event.text),
      });
      assert.deepEqual(threadsOf(whole), choices[0]);
      assert.match(notes.join('\n'), /^Threads: 1 within an operation, .* A step takes 0\.010 s, against 0\.030 s/m);
      assert.deepEqual(weightsOf((await run(choices[0], 'explicit')).folder), weightsOf(whole.folder));

      const stop = new AbortController();
      const interrupted = run('auto', 'resumed', {
        clock: clockOf(choices.length, 0),
        signal: stop.signal,
        onEvent: (event) => event.type === 'step' && event.done === 5 && stop.abort(new Error('stopped')),
      });
      await assert.rejects(interrupted, /stopped/);
      // Now another choice is faster.
      const other = { clock: clockOf(choices.length, 1), resume: true, fresh: false };
      const planned = await planPipeline(await load('auto'), { ...runOptions(join(folder, 'resumed')), ...other });
      assert.match(planned.runs[0]!.engine, /threads: 1 within an operation/);
      const resumed = await run('auto', 'resumed', other);
      assert.deepEqual(threadsOf(resumed), choices[0]);
      assert.equal(resumed.metrics.length, whole.metrics.length);
      assert.deepEqual(weightsOf(resumed.folder), weightsOf(whole.folder));
      assert.deepEqual(threadsOf(await run('auto', 'other', { ...other, resume: false })), choices[1]);
    });

    it('reads the manifest of a run only if it is of this engine, and refuses one that is broken', async () => {
      const { folder: path } = await run('auto', 'read', {
        clock: clockOf(threadsToTry(availableParallelism()).length, 0),
      });
      const plan = async (engine: unknown, change: Partial<RunOptions> = {}): Promise<string> => {
        writeFileSync(join(path, 'manifest.json'), JSON.stringify(engine));
        const options = { ...runOptions(join(folder, 'read')), resume: true, fresh: false, ...change };
        return (await planPipeline(await load('auto'), options)).runs[0]!.engine;
      };
      const threads = { intraOp: 3, interOp: 1 };
      assert.match(await plan({ engine: { name: 'tensorflow', threads } }), /threads: 3 within an operation/);
      for (const other of [
        { engine: { name: 'wasm', threads } },
        { engine: { name: 'tensorflow', threads: { intraOp: 0, interOp: 1 } } },
        { engine: { name: 'tensorflow', threads: { intraOp: 1, interOp: 100_000 } } },
      ])
        assert.match(await plan(other), /threads: measured before the first step/);
      const fresh = { fresh: true, resume: false };
      assert.match(await plan({ engine: { name: 'tensorflow', threads } }, fresh), /threads: measured/);
      await assert.rejects(plan(null), { code: 'RUN_CORRUPT' });
    });

    it('stops while it measures', async () => {
      const stop = new AbortController();
      const clock = (): number => (stop.abort(new Error('stopped')), 0);
      await assert.rejects(run('auto', 'stopped', { clock, signal: stop.signal }), /stopped/);
      assert.ok(!existsSync(join(folder, 'stopped', 'weights.safetensors')));
    });
  });

  for (const threads of WRONG)
    it(`is not ${JSON.stringify(threads)}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ssql-threads-'));
      try {
        await assert.rejects(loadSmall(folder, { engine: { use: 'cpu', threads } }), /threads/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

  it('means nothing on an engine without threads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ssql-threads-'));
    const notes: string[] = [];
    try {
      const engine = { use: 'wasm', threads: 'auto' };
      const loaded = await loadSmall(folder, { engine, train: { epochs: 1, batch: 100 }, stages: [] });
      const { runs } = await runPipeline(loaded, {
        ...runOptions(folder),
        onEvent: (event) => event.type === 'note' && void notes.push(event.text),
      });
      assert.equal(runs[0]!.metrics.length, 2);
      assert.deepEqual(notes, []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the threads of libtensorflow', () => {
  let engine: Engine;
  before(async () => void (engine = await openEngine({ use: 'tensorflow', threads: { intraOp: 1, interOp: 1 } })));
  after(() => engine.close());

  it('change within a process, and keep tensors, captured tensors and compiled steps valid', function () {
    const { tf } = engine;
    const captured = tf.tensor1d([10, 20]);
    const x = tf.add(tf.tensor1d([0, 1]), 1);
    const step = engine.compile(
      (state: Tensors, inputs: Tensors) => ({ state, outputs: { y: tf.add(inputs['x']!, captured) } }),
      {},
      { x } as Tensors,
    );
    const y = (): number[] => [...step.run({}, { x }).outputs['y']!.dataSync()];
    assert.deepEqual(y(), [11, 22]);
    const before = threadsOfProcess();
    engine.useThreads!({ intraOp: 6, interOp: 1 });
    assert.deepEqual(engine.info.threads, { intraOp: 6, interOp: 1 });
    const added = threadsOfProcess() - before;
    if (process.platform === 'linux') assert.ok(added >= 5, `${added} threads more`);
    assert.deepEqual(y(), [11, 22]);
    captured.dispose();
    engine.useThreads!({ intraOp: 1, interOp: 1 });
    assert.deepEqual(y(), [11, 22]);
    assert.deepEqual([...x.dataSync()], [1, 2]);
    step.dispose();
    assert.throws(y, { code: 'ENGINE_STEP_DISPOSED' });
  });
});

function threadsOfProcess(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0;
}
