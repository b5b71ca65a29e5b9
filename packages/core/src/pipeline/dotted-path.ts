import type { Path } from './locate.js';
import { isRecord } from './references.js';

/** Mappings whose keys are texts of the user, with or without dots, and the keys of their values. */
const FREE = [
  { holder: 'quantization.pins', inner: ['weights', 'activations'] },
  { holder: 'labels', inner: [] },
];

/**
 * The path that a dotted text names in a document. Keys with dots, such as the pattern of a pin, are one segment: in
 * `quantization.pins.layer1.0.conv1.weights`, the pattern is `layer1.0.conv1`. Elsewhere a key with dots must exist.
 */
export function splitPath(document: unknown, dotted: string): Path {
  const free = FREE.find(({ holder }) => dotted.startsWith(`${holder}.`));
  if (free !== undefined) return [...free.holder.split('.'), ...splitFree(dotted.slice(free.holder.length + 1), free)];
  const path: string[] = [];
  let [at, rest]: [unknown, string | undefined] = [document, dotted];
  while (rest !== undefined) {
    const [key, after]: [string, string | undefined] = splitKey(at, rest);
    path.push(key);
    at = isRecord(at) || Array.isArray(at) ? (at as Record<string, unknown>)[key] : undefined; // keys index lists, too
    rest = after;
  }
  return path;
}

function splitFree(text: string, { inner }: (typeof FREE)[number]): Path {
  const last = inner.find((key) => text.endsWith(`.${key}`));
  return last === undefined ? [text] : [text.slice(0, -last.length - 1), last];
}

/** The longest key of a mapping that a text starts with, or the text up to its first dot; and what follows. */
function splitKey(at: unknown, text: string): [key: string, rest: string | undefined] {
  const known = isRecord(at) ? Object.keys(at).filter((key) => text === key || text.startsWith(`${key}.`)) : [];
  const longest = known.reduce((best, key) => (key.length > best.length ? key : best), text.split('.')[0] ?? '');
  return [longest, text.length > longest.length ? text.slice(longest.length + 1) : undefined];
}
