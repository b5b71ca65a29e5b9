import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createProgram } from '../../packages/core/src/cli/program.js';
import { SMALL, ssql, writePipeline } from './small-run.js';

const COMMAND = fileURLToPath(new URL('../../packages/core/bin/ssql.js', import.meta.url));

describe('the command line', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-line-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('prints its help and the exit statuses without arguments', async () => {
    const { status, stdout, stderr } = await ssql(folder, []);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Usage: ssql /);
    for (const line of [/^ {2}0 /m, /^ {2}1 /m, /^ {2}2 /m, /^ {2}130 /m]) assert.match(stdout, line);
    assert.deepEqual((await ssql(folder, ['--help'])).stdout, stdout);
    assert.doesNotMatch(stdout, /completion-server/);
  });

  it('helps with a command, and with one below another', async () => {
    for (const args of [['run'], ['data', 'get'], ['engine']]) {
      const { status, stdout } = await ssql(folder, ['help', ...args]);
      assert.equal(status, 0);
      assert.equal(stdout, (await ssql(folder, [...args, '--help'])).stdout);
    }
    assert.equal((await ssql(folder, ['help'])).stdout, (await ssql(folder, [])).stdout);
  });

  it('has examples in the help of every command', async () => {
    const { commands } = createProgram();
    const named = commands.flatMap((one) =>
      [one, ...one.commands].map((two) => (one === two ? [one.name()] : [one.name(), two.name()])),
    );
    for (const args of named.filter(([name]) => name !== 'completion-server')) {
      const { status, stdout } = await ssql(folder, [...args, '--help']);
      assert.equal(status, 0, args.join(' '));
      assert.match(stdout, new RegExp(`\\nExamples?:\\n.*ssql ${args.join(' ')}`), args.join(' '));
    }
  });

  for (const { args, says } of [
    { args: ['valdate', 'x'], says: /^COMMAND_INVALID Unknown command `valdate`\.\n {2}Did you mean `validate`\?/ },
    { args: ['run', 'x', '--resum'], says: /Unknown option `--resum`\.\n {2}Did you mean `--resume`\?/ },
    { args: ['help', 'data', 'gett'], says: /Unknown command `gett`\.\n {2}Did you mean `get`\?/ },
    { args: ['engine', 'instal'], says: /Unknown command `instal`\.\n {2}Did you mean `install`\?/ },
    { args: ['run'], says: /Missing required argument `file`\.\n {2}Usage: ssql run \[options\] <file>\n/ },
    { args: ['run', 'x', '--fresh', '--resume'], says: /--fresh.*--resume/ },
    { args: ['completion', 'csh'], says: /bash, zsh, fish/ },
  ]) {
    it(`ends with status 2: ssql ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await ssql(folder, args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, says);
    });
  }

  it('lists problems as JSON, or an empty list', async () => {
    writePipeline(folder, { train: { epoch: 3, batch: 50 } }, 'base.yaml');
    const { name: _name, train: _train, ...rest } = SMALL;
    const file = writePipeline(folder, { ...rest, extends: './base.yaml', name: 'x', seed: -1 });
    const { status, stdout, stderr } = await ssql(folder, ['validate', file, '--json']);
    assert.deepEqual([status, stderr], [2, '']);
    const problems = JSON.parse(stdout) as { [key: string]: unknown }[];
    const unknown = problems.find(({ code }) => code === 'UNKNOWN_KEY');
    assert.deepEqual(problems.map(({ code }) => code).toSorted(), ['MISSING_KEY', 'OUT_OF_RANGE', 'UNKNOWN_KEY']);
    assert.match(String(unknown?.['message']), /`epoch`/);
    assert.match(String(unknown?.['hint']), /epochs/);
    assert.match(String(unknown?.['file']), /base\.yaml$/);
    assert.deepEqual([unknown?.['line'], unknown?.['column']], [2, 3]);
    assert.match(String((unknown?.['via'] as string[])[0]), /pipeline\.yaml:\d+:\d+$/);
    const fine = await ssql(folder, ['validate', writePipeline(folder, SMALL), '--json']);
    assert.deepEqual([fine.status, fine.stdout], [0, '[]\n']);
  });

  it('colours errors with FORCE_COLOR, and never with NO_COLOR', async () => {
    const red = '\u001b[31m';
    const stderr = async (environment: object): Promise<string> =>
      (await ssql(folder, ['validate', 'missing.yaml'], undefined, environment)).stderr;
    assert.ok((await stderr({ NO_COLOR: '', FORCE_COLOR: '1' })).includes(red));
    assert.ok(!(await stderr({ NO_COLOR: '1', FORCE_COLOR: '1' })).includes('\u001b'));
    assert.ok(!(await stderr({ NO_COLOR: '' })).includes('\u001b'));
  });

  it('reports an internal error as such, with its stack and status 1', async () => {
    // No known input causes one, so a part of JavaScript is broken.
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, "JSON.stringify = () => { throw new TypeError('no text'); };");
    const environment = { NODE_OPTIONS: `--import ${pathToFileURL(broken).href}` };
    const { status, stderr } = await ssql(folder, ['list', '--json'], undefined, environment);
    assert.equal(status, 1);
    assert.match(stderr, /^INTERNAL_ERROR .*Please report it: no text\n.*\n? +at /);
  });

  it('shows the reference page of a plugin, and all of it as JSON', async () => {
    const { stdout } = await ssql(folder, ['show', 'knn', '--markdown']);
    const page = readFileSync(new URL('../../docs/plugins/stage/knn.md', import.meta.url), 'utf8');
    for (const line of ['# stage `knn`', '## Options', '- use: knn'])
      assert.ok(stdout.includes(line) && page.includes(line), line);
    const [knn] = JSON.parse((await ssql(folder, ['show', 'knn', '--json'])).stdout) as { [key: string]: unknown }[];
    assert.deepEqual([knn?.['kind'], knn?.['name'], knn?.['package']], ['stage', 'knn', '@ssql/plugins']);
    assert.ok((knn?.['options'] as { properties: object }).properties);
    const runs = JSON.parse((await ssql(folder, ['print', writePipeline(folder, SMALL), '--json'])).stdout) as {
      pipeline: { seed: number };
    }[];
    assert.deepEqual(
      runs.map(({ pipeline }) => pipeline.seed),
      [3],
    );
  });
});

describe('ssql init', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-init-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes an experiment that is valid and can be run', async () => {
    const { status, stdout } = await ssql(folder, ['init', 'mine']);
    assert.equal(status, 0);
    assert.match(stdout, /Next: ssql run mine\/pipeline\.yaml\n$/);
    const at = join(folder, 'mine');
    assert.deepEqual(readdirSync(at).toSorted(), ['.gitignore', 'pipeline.yaml', 'schemas']);
    const [comment = ''] = readFileSync(join(at, 'pipeline.yaml'), 'utf8').split('\n');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)$/.exec(comment) ?? [];
    const { stdout: printed } = await ssql(folder, ['schema']);
    assert.equal(readFileSync(join(at, schema), 'utf8'), printed);
    assert.match(readFileSync(join(at, '.gitignore'), 'utf8'), /^runs\/$/m);
    const checked = await ssql(at, ['run', 'pipeline.yaml', '--dry-run']);
    assert.equal(checked.status, 0, checked.stderr);
    assert.match(checked.stdout, /^SimSiam: [^]*\nSSQL-SimSiam: /);
  });

  it('overwrites nothing', async () => {
    writeFileSync(join(folder, '.gitignore'), 'mine\n');
    const { status, stderr } = await ssql(folder, ['init']);
    assert.equal(status, 2);
    assert.match(stderr, /^WOULD_OVERWRITE \.gitignore exists already/);
    assert.deepEqual(readdirSync(folder), ['.gitignore']);
    assert.equal(readFileSync(join(folder, '.gitignore'), 'utf8'), 'mine\n');
  });
});

describe('ssql completion', function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-completion-'));
    mkdirSync(join(folder, 'bin'));
    symlinkSync(COMMAND, join(folder, 'bin', 'ssql'));
    mkdirSync(join(folder, 'pipelines'));
    writePipeline(folder, SMALL, 'pipelines/small.yaml');
    writeFileSync(join(folder, 'notes.txt'), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What bash offers where Tab is pressed at the end of a line. */
  const offered = async (line: string): Promise<string[]> => {
    const words = line.split(' ');
    const script = [
      'source <(ssql completion bash)',
      'complete -p ssql >/dev/null || exit 1',
      `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_CWORD=${words.length - 1}`,
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
      '$(complete -p ssql | sed -E "s/.*-F ([^ ]+).*/\\1/")',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script.join('\n')], {
      cwd: folder,
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    return stdout.split('\n').filter((word) => word !== '');
  };

  it('completes commands, options, kinds, plugins and pipelines in bash', async function () {
    if (!existsSync('/bin/bash')) this.skip();
    assert.deepEqual(await offered('ssql ex'), ['explain']);
    assert.deepEqual(await offered('ssql engine in'), ['install']);
    assert.deepEqual(await offered('ssql run x --re'), ['--resume']);
    assert.deepEqual(await offered('ssql list qu'), ['quantizer']);
    assert.deepEqual(await offered('ssql show sims'), ['simsiam']);
    assert.deepEqual(await offered('ssql validate '), ['pipelines/small.yaml']);
    assert.deepEqual(await offered('ssql run --set seed=2 pipe'), ['pipelines/small.yaml']);
    assert.deepEqual(await offered('ssql run x --set train.c'), ['train.checkpointEvery=']);
    assert.deepEqual(await offered('ssql completion f'), ['fish']);
    assert.deepEqual(await offered('ssql doctor '), []);
    assert.ok((await offered('ssql ')).includes('run') && !(await offered('ssql ')).includes('completion-server'));
  });

  it('has a script for zsh and fish too', async () => {
    assert.match((await ssql(folder, ['completion', 'zsh'])).stdout, /^#compdef ssql\n/);
    assert.match((await ssql(folder, ['completion', 'fish'])).stdout, /complete .*-c ssql/);
  });
});
