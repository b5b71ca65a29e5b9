import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decodeSafetensors, findLibrary } from '@ssql/core/run';
import { ssql } from '../cli/small-run.js';

const METHODS = ['barlow-twins', 'byol', 'dino', 'moco', 'multi-crop', 'simclr', 'swav'];

/** Four steps on few images, without evaluation. */
const SHORT = ['train.epochs=1', 'train.batch=32', 'data={ use: digits, with: { test: 9872 } }', 'stages=[]']; // leaves 128 training images

for (const engine of ['tensorflow', 'wasm'] as const) {
  describe(`pipelines of methods (${engine})`, function () {
    this.timeout(180_000);
    let folder: string;
    before(function () {
      if (engine === 'tensorflow' && findLibrary() === undefined) {
        this.test!.title += ' (libtensorflow is not installed here: run `ssql engine install`)';
        this.skip();
      }
    });
    beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-methods-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    for (const method of METHODS)
      it(`${method}.yaml trains the method plain and under SSQL`, async () => {
        const matrix = 'matrix={ quantization.wrap: [none, ssql] }'; // one seed
        const set = [...SHORT, `engine.use=${engine}`, matrix].flatMap((setting) => ['--set', setting]);
        const file = resolve('pipelines/digits', `${method}.yaml`);
        const { status, stderr } = await ssql(folder, ['run', file, ...set]);
        assert.equal(status, 0, stderr);
        const runs = join(folder, 'runs', `digits-${method}`);
        const read = (run: string, name: string): Buffer => readFileSync(join(runs, run, name));
        const cells = readdirSync(runs);
        assert.equal(cells.length, 2);
        const parts = cells.map((run) => {
          const steps = read(run, 'metrics.ndjson').toString().trim().split('\n');
          assert.equal(steps.length, 4);
          const losses = steps.map((step) => JSON.parse(step) as { loss: number; parts: object });
          assert.ok(losses.every(({ loss }) => Number.isFinite(loss)));
          const { tensors } = decodeSafetensors(read(run, 'weights.safetensors'));
          const trainingOnly = tensors.filter(({ name }) => /^(momentum|memory|optimizer)\./.test(name));
          assert.deepEqual(trainingOnly, [], 'what training needs is not among the weights');
          return Object.keys(losses[0]!.parts).join();
        });
        assert.deepEqual(parts.sort(), ['float', 'float,quantized']);
      });

    it('the sandwich rule trains the most, the fewest and random bits in every step', async () => {
      const matrix = 'matrix={ quantization.wrap: [{ use: sandwich, with: { random: 1 } }] }';
      const set = [...SHORT, `engine.use=${engine}`, matrix].flatMap((setting) => ['--set', setting]);
      const { status, stderr } = await ssql(folder, ['run', resolve('pipelines/digits/byol.yaml'), ...set]);
      assert.equal(status, 0, stderr);
      const runs = join(folder, 'runs', 'digits-byol');
      const [run] = readdirSync(runs);
      const steps = readFileSync(join(runs, run!, 'metrics.ndjson'), 'utf8')
        .trim()
        .split('\n');
      assert.equal(steps.length, 4);
      for (const step of steps) {
        const { loss, precision, parts } = JSON.parse(step) as { loss: number; precision: string; parts: object };
        assert.ok(Number.isFinite(loss));
        assert.match(precision, /^w8a8\+w2a3\+w\da\d$/);
        assert.deepEqual(Object.keys(parts), ['float', 'max', 'min']);
      }
    });

    if (engine === 'tensorflow')
      for (const { method, unused } of [
        { method: 'byol', unused: true },
        { method: 'simclr', unused: false },
      ])
        it(`rssql with ${method} ${unused ? 'says that it changes nothing, and trains what none trains' : 'has an effect'}`, async () => {
          const matrix = 'matrix={ quantization.wrap: [none, rssql] }';
          const set = [...SHORT, `engine.use=${engine}`, matrix].flatMap((setting) => ['--set', setting]);
          const file = resolve('pipelines/digits', `${method}.yaml`);
          const { status, stderr } = await ssql(folder, ['run', file, ...set]);
          assert.equal(status, 0, stderr);
          assert.equal(
            /Quantization does not change this training: with the method `byol`/.test(stderr),
            unused,
            stderr,
          );
          const runs = join(folder, 'runs', `digits-${method}`);
          const [plain, wrapped] = readdirSync(runs).map((run) => {
            const { tensors } = decodeSafetensors(readFileSync(join(runs, run, 'weights.safetensors')));
            // The quantized pass updates running statistics.
            const trained = tensors.filter(({ name }) => !/running_/.test(name));
            return trained.map(({ name, values }) => [name, [...(values as Float32Array)]] as const);
          });
          if (unused) assert.deepEqual(wrapped, plain);
          else assert.notDeepEqual(wrapped, plain);
        });
  });
}
