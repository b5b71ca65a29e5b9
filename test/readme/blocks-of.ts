import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** A fenced block of README. */
export interface Block {
  readonly language: string;
  /** The file that holds it; of commands, none. */
  readonly file?: string;
  readonly text: string;
}

/** The fenced blocks of a section of README. */
export function blocksOf(title: string): Block[] {
  const readme = readFileSync('README.md', 'utf8');
  const section = readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  assert.ok(section !== undefined, `README has no section "${title}"`);
  return [...section.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, language = '', file, text = '']) => ({
    language,
    ...(file === undefined ? {} : { file }),
    text,
  }));
}
