import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashImportGraph } from '../../packages/core/src/plugin/import-graph.js';

/** A plugin file with every way to import, and the files that it imports. */
const FILES = {
  'dist/index.js': `
    import { a } from './a.js';
    import './made.js';
    import './required.ts';
    import { version } from 'installed';
    import { edited } from 'linked';
    import 'modules-only';
    import './made-of-types.cjs';
    import config from './config.json' with { type: 'json' };
    export * from '../shared/re-exported.js';
    export const later = () => import('./dynamic.js');
    export const unseen = (name) => import('./' + name);
    // import './comment.js';`,
  'dist/a.js': `import './deep/index.js'; import 'node:fs'; import '@ssql/core'; export const a = 1;`,
  'dist/deep/index.js': `import '../a.js'; import legacy from './legacy.cjs';`,
  'dist/deep/legacy.cjs': `module.exports = require('./required');`,
  'dist/deep/required.js': `module.exports = 2;`,
  'dist/made.js': `import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); load("./loaded.cjs");`,
  'dist/required.ts': `import * as module from 'node:module'; const load: NodeJS.Require = module.createRequire(import.meta.url); load('./typed.cjs');
    module.createRequire(import.meta.url)('./at-once.cjs');`,
  'dist/typed.cjs': ``,
  'dist/at-once.cjs': ``,
  'dist/loaded.cjs': `require(\`./template.cjs\`);`,
  'dist/template.cjs': ``,
  'dist/config.json': `{}`,
  'dist/dynamic.js': ``,
  'dist/comment.js': ``,
  'shared/re-exported.js': ``,
  'node_modules/installed/package.json': `{ "name": "installed", "version": "1.0.0", "main": "index.js", "type": "module" }`,
  'node_modules/installed/index.js': `export const version = 1;`,
  'node_modules/modules-only/package.json': `{ "name": "modules-only", "version": "1.0.0", "exports": { "import": "./esm/index.js" } }`,
  'node_modules/modules-only/esm/package.json': `{ "type": "module" }`,
  'node_modules/modules-only/esm/index.js': ``,
  'dist/made-of-types.cts': ``,
  'linked/package.json': `{ "name": "linked", "version": "1.0.0", "exports": "./index.js" }`,
  'linked/index.js': `export { edited } from './source.js';`,
  'linked/source.js': `export const edited = 1;`,
};

describe('the hash of a plugin file', () => {
  let folder: string;
  const write = (file: string, content: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  };
  const hash = (): Promise<string> => hashImportGraph(join(folder, 'dist/index.js'));

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'ssql-imports-')));
    for (const [file, content] of Object.entries(FILES)) write(file, content);
    symlinkSync(join(folder, 'linked'), join(folder, 'node_modules/linked'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const counted = [
    'dist/a.js',
    'dist/deep/index.js',
    'dist/deep/legacy.cjs',
    'dist/deep/required.js',
    'dist/loaded.cjs',
    'dist/template.cjs',
    'dist/typed.cjs',
    'dist/at-once.cjs',
    'dist/made-of-types.cts',
  ];
  for (const file of [...counted, 'dist/config.json', 'dist/dynamic.js', 'shared/re-exported.js', 'linked/source.js'])
    it(`changes with ${file}`, async () => {
      const before = await hash();
      write(file, `${FILES[file as keyof typeof FILES]} `);
      assert.notEqual(await hash(), before);
    });

  it('changes with the version of an installed package, not with its files', async () => {
    const before = await hash();
    write('node_modules/installed/index.js', 'export const version = 2;');
    assert.equal(await hash(), before);
    write(
      'node_modules/installed/package.json',
      FILES['node_modules/installed/package.json'].replace('1.0.0', '1.0.1'),
    );
    assert.notEqual(await hash(), before);
  });

  it('changes with the version of a package for modules only, which the nearest package.json leaves out', async () => {
    const before = await hash();
    const manifest = 'node_modules/modules-only/package.json';
    write(manifest, FILES[manifest].replace('1.0.0', '1.0.1'));
    assert.notEqual(await hash(), before);
  });

  it('stays the same for other files and in another folder', async () => {
    const before = await hash();
    write('dist/comment.js', 'changed');
    renameSync(folder, `${folder}-moved`);
    folder = `${folder}-moved`;
    rmSync(join(folder, 'node_modules/linked'));
    symlinkSync(join(folder, 'linked'), join(folder, 'node_modules/linked'));
    assert.equal(await hash(), before);
  });

  it('is that of its bytes if it imports only core and Node.js', async () => {
    write(
      'node_modules/@ssql/core/package.json',
      '{ "name": "@ssql/core", "version": "1.0.0", "exports": { "./testing": "./index.js" } }',
    );
    write('node_modules/@ssql/core/index.js', '');
    const source = `import { definePlugin } from '@ssql/core'; import '@ssql/core/testing'; import { join } from 'node:path'; export const plugins = [];`;
    write('dist/index.js', source);
    assert.equal(await hash(), createHash('sha256').update(source).digest('hex'));
  });
});
