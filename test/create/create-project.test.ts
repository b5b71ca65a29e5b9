import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { ask } from '../../packages/create-ssql/src/ask.js';
import { createProject } from '../../packages/create-ssql/src/create-project.js';
import { TEMPLATE_NAMES } from '../../packages/create-ssql/src/template.js';

const COMMAND = fileURLToPath(new URL('../../packages/create-ssql/src/create-ssql.ts', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
const CORE = manifestOf(fileURLToPath(new URL('../../packages/core', import.meta.url)));

describe('create-ssql', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'create-ssql-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const at = (...parts: readonly string[]): string => join(folder, ...parts);
  const command = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', COMMAND, ...args], { encoding: 'utf8', stdio: 'pipe' });

  for (const template of TEMPLATE_NAMES) {
    describe(`the template ${template}`, () => {
      it('has the files that it is said to have, named after the folder', async () => {
        const files = await createProject(at('some-thing'), template);
        const written = readdirSync(at('some-thing'), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(at('some-thing').length + 1));
        assert.deepEqual(written.sort(), files);
        for (const file of [
          '.gitignore',
          '.npmrc',
          '.vscode/extensions.json',
          'README.md',
          'package.json',
          'pipeline.yaml',
        ])
          assert.ok(files.includes(file), file);
        for (const file of files) {
          assert.doesNotMatch(file, /(^|\/)_/);
          assert.doesNotMatch(readFileSync(at('some-thing', file), 'utf8'), /template-name/, file);
        }
        assert.equal(readFileSync(at('some-thing', '.npmrc'), 'utf8'), 'ignore-scripts=true\n');
        const { name } = parse(readFileSync(at('some-thing', 'pipeline.yaml'), 'utf8')) as { readonly name: string };
        assert.equal(name, 'some-thing');
      });

      it('depends on ssql in its own version, and on nothing in `*`', async () => {
        await createProject(at('x'), template);
        const { name, dependencies, devDependencies, peerDependencies } = manifestOf(at('x'));
        assert.equal(name, template === 'experiment' ? 'x' : 'ssql-plugin-x');
        for (const [of, range] of [dependencies, devDependencies, peerDependencies].flatMap((all) =>
          Object.entries(all ?? {}),
        ))
          assert.match(range, of.startsWith('@ssql/') ? new RegExp(`^\\^${CORE.version}$`) : /^[~^]\d/, of);
        assert.ok((dependencies ?? devDependencies)?.['@ssql/core']);
        assert.ok((dependencies ?? devDependencies)?.['@ssql/plugins']);
      });
    });
  }

  it('has the version of @ssql/core', () => {
    assert.equal(
      manifestOf(fileURLToPath(new URL('../../packages/create-ssql', import.meta.url))).version,
      CORE.version,
    );
  });

  it('takes the name of a plugin from a folder with the name of its package', async () => {
    await createProject(at('ssql-plugin-apot'), 'quantizer');
    assert.equal(manifestOf(at('ssql-plugin-apot')).name, 'ssql-plugin-apot');
    assert.match(readFileSync(at('ssql-plugin-apot', 'src/index.ts'), 'utf8'), /name: 'apot'/);
  });

  for (const [template, name] of [
    ['experiment', 'My-Experiment'],
    ['experiment', 'with space'],
    ['experiment', '-dash'],
    ['experiment', 'a'.repeat(215)],
    ['experiment', 'node_modules'],
    ['experiment', 'http'],
    ['quantizer', 'Quantizer'],
    ['quantizer', 'two_words'],
    ['quantizer', 'ssql-plugin-'],
    ['quantizer', 'größe'],
  ] as const)
    it(`refuses the name ${name.slice(0, 20)} for a ${template}`, async () => {
      await assert.rejects(createProject(at(name), template), { code: 'NAME_INVALID' });
      assert.deepEqual(readdirSync(folder), []);
    });

  it('writes into an empty folder, and into a new repository', async () => {
    mkdirSync(at('empty'));
    await createProject(at('empty'), 'experiment');
    mkdirSync(at('repository', '.git'), { recursive: true });
    await createProject(at('repository'), 'experiment');
  });

  it('does not write into a folder with anything in it, and not over a file', async () => {
    mkdirSync(at('full'));
    writeFileSync(at('full', '.hidden'), 'mine');
    await assert.rejects(createProject(at('full'), 'experiment'), { code: 'FOLDER_NOT_EMPTY' });
    assert.deepEqual(readdirSync(at('full')), ['.hidden']);
    writeFileSync(at('file'), 'mine');
    await assert.rejects(createProject(at('file'), 'experiment'), { code: 'FOLDER_IS_FILE' });
    assert.equal(readFileSync(at('file'), 'utf8'), 'mine');
  });

  describe('the command', () => {
    it('makes an experiment where no template is named, and says what comes next', () => {
      const { status, stdout, stderr } = command(at('mine'));
      assert.equal(status, 0, stderr);
      assert.match(stdout, /npm install .*\n(.*\n)* {2}npm start/);
      assert.equal(manifestOf(at('mine')).name, 'mine');
    });

    it('ends with status 2 and the code of what is wrong', () => {
      writeFileSync(at('mine'), '');
      mkdirSync(at('full', 'of'), { recursive: true });
      for (const [args, code] of [
        [[], 'FOLDER_MISSING'],
        [[at('full')], 'FOLDER_NOT_EMPTY'],
        [[at('mine')], 'FOLDER_IS_FILE'],
        [[at('No'), '--template', 'method'], 'NAME_INVALID'],
      ] as const) {
        const { status, stdout, stderr } = command(...args);
        assert.equal(status, 2, code);
        assert.match(stderr, new RegExp(`^${code} .*\n  .*\n$`));
        assert.equal(stdout, '');
      }
    });

    it('names the templates in its help', () => {
      const { status, stdout } = command('--help');
      assert.equal(status, 0);
      for (const name of TEMPLATE_NAMES) assert.match(stdout, new RegExp(`^ {2}${name} +\\w`, 'm'));
    });
  });

  describe('in a terminal', () => {
    /** Types keys, one after the other. */
    const answering = async (given: Parameters<typeof ask>[0], ...keys: readonly string[]) => {
      const terminal = { input: new PassThrough(), output: new PassThrough() };
      const answers = ask(given, terminal);
      for (const key of keys) {
        await delay(50);
        terminal.input.write(key);
      }
      return answers;
    };

    it('asks for what is missing', async () => {
      const [down, enter] = ['\u001b[B', '\r'];
      assert.deepEqual(await answering({}, enter, enter), { template: 'experiment', folder: 'my-experiment' });
      assert.deepEqual(await answering({}, down, enter, 'apot', enter), { template: 'quantizer', folder: 'apot' });
      assert.deepEqual(await answering({ folder: 'x' }, down, down, enter), { template: 'method', folder: 'x' });
      assert.deepEqual(await answering({ template: 'backbone' }, 'No', enter, '\u007f\u007f', 'no', enter), {
        template: 'backbone',
        folder: 'no',
      });
    });

    it('can be left', async () => {
      assert.equal(await answering({}, '\u0003'), undefined);
      assert.equal(await answering({ template: 'method' }, '\u0003'), undefined);
    });
  });
});
