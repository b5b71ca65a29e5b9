import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors, planPipeline, runPipeline, type LoadedPipeline } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

/** A kind `teacher` that reads a file, and a schedule that needs it. They note when they are made and disposed. */
const TEACHER = `
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
const events = (globalThis.ssqlLifecycle ??= []);
const noting = (name, product) => { events.push('make ' + name); return { ...product, dispose: async () => { events.push('dispose ' + name); } }; };
export const plugins = [
  { kind: 'teacher', name: 'frozen', summary: 'Reads its weights from a file.',
    options: { type: 'object', additionalProperties: false, required: ['weights'], properties: {
      weights: { type: 'string', description: 'The file.' },
    } },
    check(_, pipeline) {


      if (pipeline.schedule.use !== 'taught') throw new TypeError('nobody is taught');
    },
    fingerprint: async ({ weights }, { folder }) => createHash('sha256').update(await readFile(join(folder, weights))).digest('hex'),
    create: async ({ weights }, { folder }) => noting('teacher', { factor: Number(await readFile(join(folder, weights), 'utf8')) }) },
  { kind: 'schedule', name: 'taught', summary: 'As the teacher says.', needs: ['teacher'],
    options: { type: 'object', additionalProperties: false, properties: { fails: { type: 'boolean', default: false, description: 'Whether it fails.' } } },
    create: ({ fails }, { needs }) => noting('schedule', { factor: () => { if (fails) throw new Error('no lesson'); return needs.teacher.factor; } }) },
  { kind: 'method', name: 'slow', summary: 'Is needed by two services, and takes time.',
    options: { type: 'object', additionalProperties: false, properties: {} },
    create: async (_, { tf }) => { events.push('make method'); await new Promise((done) => setTimeout(done, 5)); return {
      views: 2, projector: { forward: (nn, x) => nn.output(nn.linear(x, 'l', { units: 2, bias: true }), 'l') }, heads: {},
      online: (branch, views) => views.map((view) => branch.encode(view)), targets: (online) => online,
      loss: (online, targets) => tf.mean(tf.squaredDifference(online[0], targets[1])), features: (online) => online[0] }; } },
];`;

describe('the plugins of a run', function () {
  this.timeout(120_000);
  let folder: string;
  const events = (): string[] => ((globalThis as { ssqlLifecycle?: string[] }).ssqlLifecycle ??= []);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-lifecycle-'));
    writeFileSync(join(folder, 'teacher.mjs'), TEACHER);
    writeFileSync(join(folder, 'weights.txt'), '0.5');
    events().splice(0);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (change: object = {}): Promise<LoadedPipeline> =>
    loadSmall(folder, {
      plugins: ['./teacher.mjs'],
      teacher: { use: 'frozen', with: { weights: 'weights.txt' } },
      schedule: 'taught',
      data: { use: 'digits', with: { test: 9950 } },
      train: { epochs: 1, batch: 50 },
      stages: [],
      ...change,
    });
  const options = () => runOptions(folder);
  const codesOf = (error: unknown): readonly string[] =>
    error instanceof PipelineErrors ? error.errors.map(({ code }) => code) : assert.fail(String(error));

  it('are made once in each run, disposed in the reverse order after it, and not made if all is finished', async () => {
    const matrix = { seed: [1, 2, 3] };
    await runPipeline(await load({ matrix }), options());
    const count = (event: string): number => events().filter((other) => other === event).length;
    assert.deepEqual([count('make teacher'), count('make schedule')], [3, 3]);
    assert.deepEqual(
      events().filter((event) => event.startsWith('dispose')),
      Array.from({ length: 3 }, () => ['dispose schedule', 'dispose teacher']).flat(),
    );
    // A run is closed before the last one ends.
    assert.ok(events().indexOf('dispose teacher') < events().lastIndexOf('dispose schedule'));
    events().splice(0);
    await runPipeline(await load({ matrix }), options());
    await planPipeline(await load({ matrix }), options());
    assert.deepEqual(events(), []);
  });

  it('are made once if several services need them while they are made', async () => {
    await planPipeline(await load({ method: 'slow', matrix: { seed: [1, 2, 3] } }), options());
    assert.equal(events().filter((event) => event === 'make method').length, 3);
  });

  it('are disposed if the run fails', async () => {
    await assert.rejects(
      runPipeline(await load({ schedule: { use: 'taught', with: { fails: true } } }), options()),
      /no lesson/,
    );
    assert.deepEqual(events().slice(-2), ['dispose schedule', 'dispose teacher']);
  });

  it('have fingerprints of what they read: a changed file changes the identity of the run', async () => {
    const { runs } = await runPipeline(await load(), options());
    const trained = readFileSync(join(runs[0]!.folder, 'weights.safetensors'));
    writeFileSync(join(folder, 'weights.txt'), '0.25');
    assert.deepEqual(codesOf(await runPipeline(await load(), options()).catch((error: unknown) => error)), [
      'RUN_OUTDATED',
    ]);
    const { runs: fresh } = await runPipeline(await load(), { ...options(), fresh: true });
    assert.notDeepEqual(readFileSync(join(fresh[0]!.folder, 'weights.safetensors')), trained);
    writeFileSync(join(folder, 'weights.txt'), '0.5');
    assert.deepEqual(codesOf(await planPipeline(await load(), options()).catch((error: unknown) => error)), [
      'RUN_OUTDATED',
    ]);
  });

  it('report a fingerprint that fails, with the place of the plugin', async () => {
    const teacher = { use: 'frozen', with: { weights: 'missing.txt' } };
    const error: unknown = await planPipeline(await load({ teacher }), options()).catch((thrown: unknown) => thrown);
    assert.deepEqual(codesOf(error), ['PLUGIN_BROKEN']);
    assert.match((error as PipelineErrors).errors[0]!.details.location?.frame ?? '', /teacher/);
  });
});
