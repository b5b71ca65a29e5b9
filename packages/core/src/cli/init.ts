import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { wouldOverwrite } from './cli-errors.js';
import { makeFolder } from '../make-folder.js';
import { examples } from './examples.js';

const PIPELINE = 'pipeline.yaml';

/** `ssql init [folder]`: writes the files of a new experiment. */
export function initCommand(): Command {
  const command = new Command('init')
    .description('Create an experiment: a pipeline, its schema for editors, and a .gitignore.')
    .argument('[folder]', 'the folder of the experiment', '.')
    .action(async (folder: string) => {
      const files = await starterFiles();
      const taken = [...files.keys()].map((name) => join(folder, name)).filter((path) => existsSync(path));
      if (taken.length > 0) throw wouldOverwrite(taken);
      for (const [name, text] of files) {
        const path = join(folder, name);
        await makeFolder(dirname(path));
        await writeFile(path, text, { flag: 'wx' });
        process.stdout.write(`${path}\n`);
      }
      process.stdout.write(`\nNext: ssql run ${join(folder, PIPELINE)}\n`);
    });
  return examples(command, 'ssql init', 'ssql init my-experiment');
}

/** Texts by path. The first two are files of this package; without a leading dot, because npm would not publish a `.gitignore`. */
async function starterFiles(): Promise<ReadonlyMap<string, string>> {
  const [{ discoverRegistry }, { editorSchema }] = await Promise.all([
    import('../plugin/discover.js'),
    import('../schemas/editor-schema.js'),
  ]);
  const starter = join(dirname(createRequire(import.meta.url).resolve('@ssql/core/package.json')), 'starter');
  const schema = editorSchema(await discoverRegistry([], process.cwd()));
  return new Map([
    [PIPELINE, await readFile(join(starter, PIPELINE), 'utf8')],
    ['.gitignore', await readFile(join(starter, 'gitignore'), 'utf8')],
    [join('schemas', 'pipeline.schema.json'), `${JSON.stringify(schema, undefined, 2)}\n`],
  ]);
}
