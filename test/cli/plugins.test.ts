import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { SMALL, ssql, writePipeline } from './small-run.js';

const PLUGIN = `export const plugins = [{
  kind: 'quantizer', name: 'mine', summary: 'My own.', paper: 'A paper.',
  options: { type: 'object', additionalProperties: false, required: ['a'], properties: {
    a: { type: 'integer', minimum: 1, description: 'The first.' },
    b: { type: 'array', items: { enum: ['x', 'y'] }, default: ['x'], description: 'The second.' },
  } },
  create: () => ({}),
}];`;

describe('commands about plugins and pipelines', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-plugins-'));
    writeFileSync(join(folder, 'mine.mjs'), PLUGIN);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('list the plugins of a kind, including those of a file', async () => {
    const { status, stdout } = await ssql(folder, ['list', 'quantizer', '--plugin', './mine.mjs']);
    assert.equal(status, 0);
    assert.match(stdout, /^quantizer\n[^]*\n {2}uniform {3}\S.*\n {2}mine {6}My own\.\n$/);
    const { stdout: json } = await ssql(folder, ['list', '--json']);
    const all = JSON.parse(json) as { kind: string; name: string; summary: string }[];
    assert.ok(all.some(({ kind, name }) => kind === 'wrapper' && name === 'ssql'));
  });

  it('show a plugin, and suggest the nearest name', async () => {
    const { stdout } = await ssql(folder, ['show', 'quantizer/mine', '--plugin', './mine.mjs']);
    assert.equal(
      stdout,
      'quantizer mine\nMy own.\nA paper.\n\n' +
        '  a  integer >= 1       required  The first.\n' +
        '  b  list of "x" | "y"  = ["x"]   The second.\n',
    );
    const { status, stderr } = await ssql(folder, ['show', 'simsiem']);
    assert.equal(status, 2);
    assert.match(stderr, /^UNKNOWN_PLUGIN [^]*Did you mean `simsiam`/);
  });

  it('refuse an unknown kind', async () => {
    const { status, stderr } = await ssql(folder, ['list', 'quantiser']);
    assert.equal(status, 2);
    assert.match(stderr, /^UNKNOWN_KIND [^]*Did you mean `quantizer`/);
  });

  it('load the plugins of a file and say which, or none', async () => {
    writeFileSync(join(folder, 'loud.mjs'), `console.error('executed');\n${PLUGIN}`);
    const quantization = { weights: { quantizer: { use: 'mine', with: { a: 1 } } } };
    const file = writePipeline(folder, { ...SMALL, quantization, plugins: ['./loud.mjs'] }, 'loud.yaml');
    const loaded = await ssql(folder, ['validate', file]);
    assert.match(loaded.stderr, /executed/);
    assert.match(loaded.stdout, /"small" is valid, 1 run\nLoaded: \.\/loud\.mjs \(sha256:\w+\)\n$/);
    const looked = await ssql(folder, ['validate', file, '--no-plugins']);
    assert.deepEqual([looked.status, looked.stderr], [0, '']);
    assert.match(looked.stdout, /no problems, except that its plugins were not loaded: \.\/loud\.mjs\n$/);
    const wrong = await ssql(folder, ['validate', file, '--no-plugins', '--set', 'train.epochs=-1']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^OUT_OF_RANGE /);
  });

  it('say what they wait for if it never settles', async () => {
    writeFileSync(join(folder, 'stuck.mjs'), 'await new Promise(() => {});\nexport const plugins = [];');
    const { status, stderr } = await ssql(folder, ['list', '--plugin', './stuck.mjs']);
    assert.equal(status, 2);
    assert.match(stderr, /STALLED ssql cannot go on: it waits for the import of \.\/stuck\.mjs/);
  });

  for (const { title, code, says } of [
    { title: 'ends the process', code: 'process.exit(0)', says: /^CUT_SHORT .* the import of \.\/wild\.mjs/ },
    {
      title: 'throws from a timer',
      code: "setTimeout(() => { throw new Error('late') })",
      says: /^STRAY_ERROR .*: late\n/,
    },
    {
      title: 'throws no error',
      code: 'throw Object.create(null)',
      says: /^PLUGIN_BROKEN \.\/wild\.mjs: .* an object\./,
    },
    {
      title: 'throws a broken error',
      code: "throw Object.assign(new Error('x'), { stack: 5 })",
      says: /^PLUGIN_BROKEN .*: x\./,
    },
    { title: 'has a list with holes', code: '', says: /^PLUGIN_BROKEN .*: plugins\[0\] is not an object/ },
  ])
    it(`report a file that ${title}`, async () => {
      const list = `${code};\nawait new Promise((resolve) => setTimeout(resolve, 100));\nexport const plugins = Array(1);`;
      writeFileSync(join(folder, 'wild.mjs'), list);
      const { status, stderr } = await ssql(folder, ['list', '--plugin', './wild.mjs']);
      assert.equal(status, 2);
      assert.match(stderr, says);
    });

  it('end when their work is done, with their own exit status, whatever a plugin does', async () => {
    const code = 'setInterval(() => {}, 1000);\nprocess.exitCode = 7;';
    writeFileSync(join(folder, 'busy.mjs'), `${code}\n${PLUGIN}`);
    const { status, stdout, stderr } = await ssql(folder, ['list', 'quantizer', '--plugin', './busy.mjs']);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /mine {6}My own\.\n$/);
  });

  it('say the line of a syntax error, that an error has no message, and that a list cannot be read', async () => {
    writeFileSync(join(folder, 'syntax.mjs'), `${PLUGIN}\nconst a = ;\n`);
    writeFileSync(join(folder, 'empty.mjs'), "throw new Error('');\n");
    writeFileSync(join(folder, 'proxy.mjs'), 'export const plugins = new Proxy([], { get() { throw undefined; } });\n');
    const files = ['./syntax.mjs', './empty.mjs', './proxy.mjs'].flatMap((file) => ['--plugin', file]);
    const { status, stderr } = await ssql(folder, ['list', ...files]);
    assert.equal(status, 2);
    assert.match(stderr, /PLUGIN_BROKEN \S*syntax\.mjs: it cannot be imported: Unexpected token ';' \(line 9\)\./);
    assert.match(stderr, /PLUGIN_BROKEN \S*empty\.mjs: it cannot be imported: an error without a message\./);
    assert.match(stderr, /PLUGIN_BROKEN \S*proxy\.mjs: it does not export an array named `plugins`\./);
  });

  it('print the schema of pipelines', async () => {
    const { stdout } = await ssql(folder, ['schema', '--plugin', './mine.mjs']);
    const schema = JSON.parse(stdout) as { $schema: string };
    assert.match(schema.$schema, /draft-07/);
    assert.ok(stdout.includes('"mine"') && stdout.includes('The second.'));
  });

  it('print each run of a pipeline, as it would be run', async () => {
    const file = writePipeline(folder, { ...SMALL, matrix: { seed: [1, 2] } });
    const { stdout } = await ssql(folder, ['print', file, '--set', 'train.epochs=9']);
    const documents = parseAllDocuments(stdout).map((one) => one.toJS() as { seed: number; train: object });
    assert.deepEqual(
      documents.map(({ seed, train }) => [seed, train]),
      [1, 2].map((seed) => [seed, { epochs: 9, batch: 50, checkpointEvery: 1 }]),
    );
    assert.match(stdout, /^# seed 1\n/);
  });
});
