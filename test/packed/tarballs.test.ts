import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPipeline } from '@ssql/core/run';
import { npm } from './packed.js';

interface Packed {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const FOLDERS = readdirSync('packages').map((name) => join('packages', name));
const readmes = FOLDERS.map((folder) => ({ folder, text: readFileSync(join(folder, 'README.md'), 'utf8') }));

describe('published tarballs', () => {
  it('contain README, LICENSE and the folders that are meant for users, and nothing else', async function () {
    this.timeout(20_000);
    const workspaces = FOLDERS.flatMap((folder) => ['--workspace', folder]);
    const listed = await npm(
      '.',
      'pack',
      '--dry-run',
      '--json',
      '--ignore-scripts',
      '--loglevel=silent',
      ...workspaces,
    );
    const packed = JSON.parse(listed) as readonly Packed[];
    assert.equal(packed.length, FOLDERS.length);
    for (const { name, files } of packed)
      for (const file of ['README.md', 'LICENSE'])
        assert.ok(
          files.some(({ path, size }) => path === file && size > 500),
          `${name} lacks ${file}`,
        );
    const contents = packed.map(({ name, files }) => [
      name,
      [...new Set(files.map(({ path }) => (path.includes('/') ? `${path.split('/')[0]}/` : path)))].sort(),
    ]);
    const root = ['LICENSE', 'README.md'];
    assert.deepEqual(Object.fromEntries(contents), {
      '@ssql/core': [...root, 'bin/', 'dist/', 'package.json', 'starter/'],
      '@ssql/plugins': [...root, 'dist/', 'package.json'],
      'create-ssql': [...root, 'bin/', 'dist/', 'package.json', 'templates/'],
    });
  });

  for (const { folder, text } of readmes)
    it(`have a README in ${folder} without links to files that are not in the tarball`, () => {
      const links = [...text.matchAll(/\]\((?!https?:)([^)]*)\)/g)].map(([, link]) => link);
      assert.deepEqual(links, []);
    });

  it('have a README of @ssql/plugins whose pipeline is valid', async () => {
    const text = readmes.find(({ folder }) => folder.endsWith('plugins'))!.text;
    const folder = mkdtempSync(join(tmpdir(), 'ssql-readme-'));
    try {
      const file = join(folder, 'pipeline.yaml');
      writeFileSync(file, /```yaml\n(.*?)```/s.exec(text)![1]!);
      assert.equal((await loadPipeline(file)).cells.length, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
