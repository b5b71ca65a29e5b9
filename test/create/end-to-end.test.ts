import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, npm, pack } from '../packed/packed.js';

/** 100 images, two steps: enough to see that a training step runs. */
const BRIEFLY = ['data={ use: digits, with: { test: 9900 } }', 'train={ epochs: 1, batch: 50 }'] as const;

describe('npm create ssql', function () {
  this.timeout(240_000);
  let folder: string;
  let packages: { readonly ssql: readonly string[]; readonly canary: string };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'create-ssql-'));
    const [core, plugins, create] = await pack(folder, 'packages/core', 'packages/plugins', 'packages/create-ssql');
    packages = { ssql: [core!, plugins!], canary: await packCanary(folder) };
    await install(newPackage('creator'), create!);
  });
  after(() => rmSync(folder, { recursive: true }));

  const at = (...parts: readonly string[]): string => join(folder, ...parts);
  const newPackage = (name: string): string => {
    mkdirSync(at(name));
    writeFileSync(at(name, 'package.json'), '{ "private": true }\n');
    return at(name);
  };
  const run = (project: string, ...sets: readonly string[]): Promise<string> =>
    npm(at(project), 'start', '--', ...sets.flatMap((set) => ['--set', set]));

  /** As a user does; only where core and plugins come from is not the registry. No flag keeps install scripts from running. */
  async function create(project: string, ...flags: readonly string[]): Promise<void> {
    const said = await npm(at('creator'), 'exec', '--offline', '--', 'create-ssql', at(project), ...flags);
    assert.match(said, /npm install/);
    await npm(at(project), 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages.ssql, packages.canary);
    assert.ok(!existsSync(at(project, 'node_modules/canary/ran')), 'an install script was run');
  }

  it('has a canary whose install script would be seen', async () => {
    await npm(newPackage('no-npmrc'), 'install', '--offline', '--ignore-scripts=false', packages.canary);
    assert.ok(existsSync(at('no-npmrc/node_modules/canary/ran')));
  });

  it('makes an experiment that is valid, runs, and has a schema for editors', async () => {
    await create('my-experiment');
    assert.match(await npm(at('my-experiment'), 'run', 'validate'), /"my-experiment" is valid, 2 runs/);
    await npm(at('my-experiment'), 'run', '--silent', 'schema');
    const schema = JSON.parse(readFileSync(at('my-experiment/pipeline.schema.json'), 'utf8')) as object;
    assert.ok('properties' in schema);
    const said = await run(
      'my-experiment',
      'data={ use: digits, with: { test: 9000 } }',
      'train.epochs=1',
      'stages.0.with.precisions=[float, w4a4]',
    );
    assert.match(said, /linear-probe +matched +SimSiam .*\n.*linear-probe +matched +SSQL-SimSiam/);
    assert.match(said, /Report: runs\/my-experiment\/report\.html/);
  });

  for (const template of ['quantizer', 'method', 'backbone'])
    it(`makes a ${template} that builds, keeps its laws, and trains`, async () => {
      const project = `my-${template}`;
      await create(project, '--template', template);
      await npm(at(project), 'run', 'build');
      await npm(at(project), 'run', 'typecheck');
      const tested = await npm(at(project), 'test');
      assert.match(tested, new RegExp(`${template} my-${template}\n`), 'the tester has not run');
      assert.match(tested, / \d\d passing/);
      assert.doesNotMatch(tested, /failing/);
      assert.match(
        await npm(at(project), 'exec', '--offline', '--', 'ssql', 'validate', 'pipeline.yaml'),
        new RegExp(`"my-${template}" is valid, 2 runs`),
      );
      await run(project, ...BRIEFLY, '~stages');
      const [one] = readdirSync(at(project, 'runs', project)).filter((name) => !name.endsWith('.html'));
      assert.ok(existsSync(at(project, 'runs', project, one!, 'weights.safetensors')));
      const packed = await npm(at(project), 'pack', '--json', '--dry-run', '--loglevel=silent');
      const [{ files }] = JSON.parse(packed) as [{ readonly files: readonly { readonly path: string }[] }];
      assert.deepEqual(files.map(({ path }) => path).sort(), [
        'README.md',
        'dist/index.d.ts',
        'dist/index.js',
        'package.json',
      ]);
    });
});

/** A package with an install script, which leaves a file when it runs. @returns its tarball */
async function packCanary(into: string): Promise<string> {
  const folder = join(into, 'canary');
  mkdirSync(folder);
  const scripts = { postinstall: `node -e "fs.writeFileSync('ran', '')"` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'canary', version: '1.0.0', scripts }));
  await npm(folder, 'pack', '--ignore-scripts');
  return join(folder, 'canary-1.0.0.tgz');
}
