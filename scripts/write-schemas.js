// Writes schemas/pipeline.schema.json from the built packages; with --check it fails where the file has drifted.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRegistry, editorSchema } from '@ssql/core/run';
import { example, plugins } from '@ssql/plugins';

const folder = new URL('../schemas/', import.meta.url);
const file = new URL('pipeline.schema.json', folder);
const text = `${JSON.stringify(editorSchema(createRegistry([{ name: '@ssql/plugins', plugins, example }])), undefined, 2)}\n`;

if (process.argv.includes('--check')) {
  const written = await readFile(file, 'utf8').catch(() => '');
  if (written !== text) {
    console.error('schemas/pipeline.schema.json has drifted: run npm run schema and commit it.');
    process.exitCode = 1;
  }
} else {
  await mkdir(folder, { recursive: true });
  await writeFile(file, text);
}
