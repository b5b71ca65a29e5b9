import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
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
  const sections = readSections(textOf(file) ?? '');
  return sections.get('download.index-url') || sections.get('global.index-url') || undefined;
}

/**
 * The values by `section.key`, as Python's configparser has it: a colon is as good as an equals sign, a value can go on in
 * indented lines, and a # inside a value belongs to it. Readers of other ini dialects get each of these wrong.
 */
function readSections(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  let key = '';
  for (const line of text.split(/\r?\n/).filter((line) => !/^\s*([#;]|$)/.test(line))) {
    const pair = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) section = header;
    else if (/^\s/.test(line)) values.set(key, `${values.get(key) ?? ''} ${line.trim()}`.trim());
    else if (pair) values.set((key = `${section}.${pair[1]?.toLowerCase().replaceAll('_', '-')}`), pair[2] ?? '');
  }
  return values;
}

/** Most of the files are not there, and some belong to others: neither is an error. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
