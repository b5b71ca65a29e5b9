import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Random } from '@ssql/core';
import { changeValue, mutateText, pick } from '../pipeline/mutate.js';

/** Does something to a file, and says what. */
export type Damage = (file: string, source: Random) => string;

const flip: Damage = (file, source) => {
  const bytes = readFileSync(file);
  const count = 1 + source.integer(3);
  for (let i = 0; i < count && bytes.length > 0; i++) bytes[source.integer(bytes.length)]! ^= 1 << source.integer(8);
  writeFileSync(file, bytes);
  return `${count} bits flipped`;
};

const cut: Damage = (file, source) => {
  const bytes = readFileSync(file);
  const length = source.integer(Math.max(1, bytes.length));
  writeFileSync(file, bytes.subarray(0, length));
  return `cut to ${length} of ${bytes.length} bytes`;
};

const empty: Damage = (file) => {
  writeFileSync(file, '');
  return 'emptied';
};

const folder: Damage = (file) => {
  rmSync(file);
  mkdirSync(file);
  return 'replaced by a folder';
};

const special: Damage = (file, source) => {
  rmSync(file);
  const kind = pick(source, ['pipe', 'device', 'link']);
  if (kind === 'pipe') execFileSync('mkfifo', [file]);
  else symlinkSync(kind === 'device' ? '/dev/zero' : file, file);
  return `replaced by a ${kind}`;
};

const remove: Damage = (file) => {
  rmSync(file);
  return 'removed';
};

const grow: Damage = (file, source) => {
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes, bytes.subarray(0, source.integer(100))]));
  return 'with more bytes at its end';
};

const overwrite: Damage = (file, source) => {
  const bytes = readFileSync(file);
  const at = source.integer(bytes.length + 1);
  for (let i = at; i < Math.min(bytes.length, at + 64); i++) bytes[i] = source.integer(256);
  writeFileSync(file, bytes);
  return `overwritten from byte ${at}`;
};

/** JSON, or lines of JSON, in another shape; another text otherwise. */
const reshape: Damage = (file, source) => {
  const text = readFileSync(file, 'utf8');
  const lines = file.endsWith('.ndjson') ? text.split('\n') : [text];
  const at = source.integer(lines.length);
  let changed: string;
  try {
    const document: unknown = JSON.parse(lines[at]!);
    changed = changeValue(document, source)
      ? JSON.stringify(document)
      : pick(source, ['null', '[]', '{}', '3', '"text"']);
  } catch {
    changed = mutateText(lines[at]!, source);
  }
  writeFileSync(file, lines.with(at, changed).join('\n'));
  return `with another value: ${changed.slice(0, 200)}`;
};

const BYTES = [flip, cut, empty, folder, special, remove, grow, overwrite];
const TEXTS = [...BYTES, reshape, reshape, reshape];

/** Damages a file by a choice of means, and says how. */
export function damage(file: string, source: Random): string {
  const means = /\.(json|ndjson|yaml)$/.test(file) ? TEXTS : BYTES;
  return `${basename(file)} ${pick(source, means)(file, source)}`;
}

/** Puts a folder in the place of another. */
export function restore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}
