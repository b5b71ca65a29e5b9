import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvents } from '../plugins/read-events.js';
import { SMALL, ssql, writePipeline, type Ended } from './small-run.js';

/** A third party's logger: a line for each call, in a file of its own; it fails where it is told to. */
const LOGGER = `import { appendFileSync } from 'node:fs';
export const plugins = [{
  kind: 'logger', name: 'lines', summary: 'A line for each call.',
  options: { type: 'object', additionalProperties: false, properties: {
    failAt: { type: 'string', default: '', description: 'The call that fails.' },
    name: { type: 'string', default: 'lines.txt', description: 'Name of the file.' },
  } },
  create: ({ failAt, name: fileName }) => ({
    async open({ file, name, step, now }) {
      const write = (line) => {
        if (line === failAt) throw new TypeError('the wire is cut');
        appendFileSync(file(fileName), line + '\\n');
      };
      write('open ' + name.replace(/-.*/, '') + ' ' + step + ' ' + (Math.abs(now() - Date.now()) < 1000));
      return {
        metrics: async ({ step, loss }) => write('step ' + step + (Number.isFinite(loss) ? '' : ' not finite')),
        evaluations: async (found) => write(found.map(({ stage, precision }) => stage + ' ' + precision).join()),
        close: async () => write('close'),
      };
    },
  }),
}];`;

describe('loggers of a run', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-loggers-'));
    writeFileSync(join(folder, 'lines.mjs'), LOGGER);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const [, knn] = SMALL['stages'] as unknown[];
  const run = (loggers: readonly unknown[] | undefined, change: object = {}, ...args: string[]): Promise<Ended> => {
    const pipeline = { ...SMALL, plugins: ['./lines.mjs'], stages: [], ...(loggers && { loggers }), ...change };
    return ssql(folder, ['run', writePipeline(folder, pipeline), ...args]);
  };
  const lines = (failAt: string) => ({ use: 'lines', with: { failAt } });
  const only = (runs = 'runs'): string => {
    const [name = '', ...more] = readdirSync(join(folder, runs, 'small'));
    assert.deepEqual(more, []);
    return join(folder, runs, 'small', name);
  };
  const logged = (runs?: string): string[] =>
    readFileSync(join(only(runs), 'lines.txt'), 'utf8')
      .trim()
      .split('\n');
  const steps = (first: number, last: number): string[] =>
    Array.from({ length: last - first + 1 }, (_, index) => `step ${first + index}`);
  const fileOf = (runs: string, name: string): Buffer => readFileSync(join(only(runs), name));

  for (const name of ['metrics.ndjson', '../lines.txt'])
    it(`do not write ${name}`, async () => {
      const { status, stderr } = await run([{ use: 'lines', with: { name } }]);
      assert.equal(status, 2);
      assert.match(stderr, /FILE_NAME_INVALID `.*` is .*\n +at .*pipeline\.yaml:\d+:\d+/);
      assert.ok(!existsSync(join(folder, 'runs', 'small', 'lines.txt')));
    });

  it('are TensorBoard by default', async () => {
    const { status, stderr } = await run(undefined);
    assert.equal(status, 0, stderr);
    const [file = '', ...more] = readdirSync(only()).filter((name) => name.includes('tfevents'));
    assert.deepEqual(more, []);
    assert.deepEqual(
      readEvents(join(only(), file)).map(({ step }) => step),
      Array.from({ length: 13 }, (_, step) => step),
    );
  });

  it('receive each step and all evaluations, and do not affect training', async () => {
    const { status, stderr } = await run(['lines', 'csv'], { stages: [knn] });
    assert.equal(status, 0, stderr);
    assert.deepEqual(logged(), ['open small/run 0 true', ...steps(1, 12), 'knn w4a4', 'close']);
    assert.equal(readFileSync(join(only(), 'metrics.csv'), 'utf8').split('\n').length, 1 + 12 + 1);
    assert.ok(!readdirSync(only()).some((name) => name.includes('tfevents')));
    const other = await run([], { stages: [knn] });
    assert.deepEqual([other.status, other.stderr.includes('pretrain')], [0, false], other.stderr);
    // A finished run logs nothing; one that gets a stage goes on from its last step.
    assert.equal((await run(['lines'], { stages: [knn] })).status, 0);
    assert.equal(logged().length, 15);
    assert.equal((await run(['lines'], { stages: [knn, knn] })).status, 0);
    assert.deepEqual(logged().slice(15), ['open small/run 12 true', 'knn w4a4', 'close']);
  });

  it('stop a run if they fail, with its step saved; it continues without them to the same bytes', async () => {
    const failed = await run(['csv', lines('step 6')]);
    assert.equal(failed.status, 2);
    assert.match(
      failed.stderr,
      /PLUGIN_BROKEN \.\/lines\.mjs: the logger `lines` failed in `metrics`: the wire is cut\.\n {2}at [^\n]*pipeline\.yaml:\d+:\d+\n[^]*use: lines[^]*\n {2}thrown at [^\n]*lines\.mjs[^]*remove it from `loggers`/,
    );
    assert.deepEqual(logged(), ['open small/run 0 true', ...steps(1, 5), 'close']);
    const resumed = await run(['csv'], {}, '--resume');
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.deepEqual((await run(['csv'], {}, '--runs', 'whole')).status, 0);
    for (const name of ['weights.safetensors', join('checkpoints', 'last.safetensors')])
      assert.ok(fileOf('runs', name).equals(fileOf('whole', name)), name);
    // All but how fast the steps were.
    const table = (runs: string): string[] =>
      fileOf(runs, 'metrics.csv')
        .toString()
        .split('\n')
        .map((row) => row.split(',').toSpliced(5, 1).join());
    assert.deepEqual(table('runs'), table('whole'));
    assert.equal(table('runs').length, 14);
  });

  it('receive the step from which a run continues', async () => {
    assert.equal((await run([lines('step 6')])).status, 2);
    assert.equal((await run(['lines'], {}, '--resume')).status, 0);
    assert.deepEqual(logged().slice(7), ['open small/run 6 true', ...steps(7, 12), 'close']);
  });

  it('stop a run before its first step if one cannot be opened, and the open ones are closed', async () => {
    const { status, stderr } = await run(['lines', lines('open small/run 0 true')]);
    assert.equal(status, 2);
    assert.match(stderr, /^PLUGIN_BROKEN \.\/lines\.mjs: the logger `lines` failed in `open`/m);
    assert.doesNotMatch(stderr, /pretrain/);
    assert.deepEqual(logged(), ['open small/run 0 true', 'close']);
    assert.ok(!existsSync(join(only(), 'checkpoints', 'last.safetensors')));
  });

  it('are all closed if training fails, and its error is reported', async () => {
    const schedule = `export const plugins = [{
      kind: 'schedule', name: 'blow-up', summary: 'Fine for two epochs.',
      options: { type: 'object', additionalProperties: false, properties: {} },
      create: () => ({ factor: ({ epoch }) => (epoch < 2 ? 1 : 1e30) }),
    }];`;
    writeFileSync(join(folder, 'blow-up.mjs'), schedule);
    const change = { plugins: ['./lines.mjs', './blow-up.mjs'], schedule: 'blow-up' };
    const { status, stderr } = await run([lines('close'), 'lines'], change);
    assert.equal(status, 2);
    assert.match(stderr, /^LOSS_NOT_FINITE /m);
    assert.doesNotMatch(stderr, /PLUGIN_BROKEN/);
    assert.deepEqual(logged().slice(-3), ['step 10 not finite', 'step 10 not finite', 'close']);
  });

  it('are refused by name before anything runs', async () => {
    const { status, stderr } = await run(['tensorbord']);
    assert.equal(status, 2);
    assert.match(stderr, /^UNKNOWN_PLUGIN Unknown logger `tensorbord`\.[^]*Did you mean `tensorboard`\?/);
  });
});
