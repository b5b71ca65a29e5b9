import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderIsFile, folderNotEmpty } from './create-error.js';
import { withVersions } from './dependency-versions.js';
import { projectName } from './project-name.js';
import { TEMPLATES, type TemplateName } from './template.js';

/** The folder of the templates; the relative path is the same from `src/` and from `dist/`. */
const TEMPLATES_FOLDER = fileURLToPath(new URL('../templates/', import.meta.url));

/** Placeholder for the project's name in the files of a template. */
const NAME = /template-name/g;

/** Names under which templates are stored: npm drops some names from a package, and tools act on every package.json. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['_gitignore', '.gitignore'],
  ['_npmrc', '.npmrc'],
  ['_package.json', 'package.json'],
]);

/**
 * Writes a template into a new or empty folder; it may contain `.git`.
 * @returns the files, relative to the folder
 * @throws CreateError NAME_INVALID, FOLDER_NOT_EMPTY, FOLDER_IS_FILE, before anything is written
 */
export async function createProject(folder: string, template: TemplateName): Promise<readonly string[]> {
  const name = projectName(folder, TEMPLATES[template]);
  await checkEmpty(folder);
  const files = new Map<string, string>();
  for (const layer of TEMPLATES[template].layers) {
    const from = join(TEMPLATES_FOLDER, layer);
    for (const file of await filesBelow(from)) {
      const text = (await readFile(join(from, file), 'utf8')).replace(NAME, name);
      files.set(published(file), file === '_package.json' ? await withVersions(text) : text);
    }
  }
  for (const [file, text] of files) {
    const to = join(folder, file);
    await mkdir(dirname(to), { recursive: true });
    // `wx` does not overwrite files that appeared after the folder was checked.
    await writeFile(to, text, { flag: 'wx' });
  }
  return [...files.keys()].sort();
}

async function checkEmpty(folder: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // thrown by node:fs
    if (code === 'ENOENT') return;
    throw code === 'ENOTDIR' ? folderIsFile(folder) : error;
  }
  const others = entries.filter((entry) => entry !== '.git');
  if (others.length > 0) throw folderNotEmpty(folder, others);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function published(file: string): string {
  const name = basename(file);
  return join(dirname(file), RENAMED.get(name) ?? name);
}
