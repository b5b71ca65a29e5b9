import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'ini';
import type { Environment } from './locate.js';

/**
 * The package index that pip is set to use: PIP_INDEX_URL, else index-url in pip's configuration files. Undefined where
 * nothing is set; pip's own default is known to pip alone.
 */
export function pipIndex(environment: Environment = process.env, home: string = homedir()): string | undefined {
  if (environment['PIP_INDEX_URL']) return environment['PIP_INDEX_URL'];
  for (const file of configurationFiles(environment, home)) {
    const index = indexIn(file);
    if (index !== undefined) return index;
  }
  return undefined;
}

/** Strongest first. A PIP_CONFIG_FILE of /dev/null means none at all, to pip and so to us. */
function configurationFiles(environment: Environment, home: string): readonly string[] {
  const named = environment['PIP_CONFIG_FILE'];
  if (named === '/dev/null') return [];
  const configuration = environment['XDG_CONFIG_HOME'] || join(home, '.config');
  const machine = (environment['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter((folder) => folder !== '');
  return [
    ...(named ? [named] : []),
    ...(environment['VIRTUAL_ENV'] ? [join(environment['VIRTUAL_ENV'], 'pip.conf')] : []),
    ...(process.platform === 'darwin' ? [join(home, 'Library', 'Application Support', 'pip', 'pip.conf')] : []),
    join(configuration, 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    '/etc/pip.conf',
    ...machine.map((folder) => join(folder, 'pip', 'pip.conf')),
  ];
}

function indexIn(file: string): string | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const sections: { readonly [section: string]: unknown } = parse(text);
  return indexOf(sections['download']) ?? indexOf(sections['global']);
}

function indexOf(section: unknown): string | undefined {
  if (typeof section !== 'object' || section === null) return undefined;
  // The check above makes this an object; what its keys hold stays unknown.
  const keys = section as { readonly [key: string]: unknown };
  const index = keys['index-url'] ?? keys['index_url'];
  return typeof index === 'string' && index !== '' ? index : undefined;
}

/** Most of the files are not there, and some belong to others: neither is an error. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
