import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import type { Location } from '../errors.js';
import { placeAt, type Source } from './parse.js';

export type Path = readonly (string | number)[];

/**
 * The place of a value, or of its key. If the file does not contain the whole path (a default, a plugin's name without `use`), it is the
 * place of the deepest part in the file.
 */
export function locate({ file, text, document, lines }: Source, path: Path, at: 'key' | 'value' = 'value'): Location {
  let node: Node | undefined = document.contents ?? undefined;
  let key: Node | undefined;
  for (const segment of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    const [nextKey, next] = child(parent, segment);
    if (next === undefined && nextKey === undefined) {
      key = undefined;
      break;
    }
    [key, node] = [nextKey, next ?? nextKey];
  }
  const target = at === 'key' && key !== undefined ? key : node;
  // An empty value (`key:`) has an empty range at the end of the line; the place of its key is clearer.
  const empty = isScalar(target) && target.value === null && key !== undefined;
  const start = path.length === 0 ? 0 : ((empty ? key : target)?.range?.[0] ?? 0);
  return placeAt(file, text, lines, start);
}

/** Whether a file contains a whole path. */
export function isWritten({ document }: Source, path: Path): boolean {
  let node: Node | undefined = document.contents ?? undefined;
  for (const segment of path) {
    const [key, next] = child(isAlias(node) ? node.resolve(document) : node, segment);
    if (key === undefined && next === undefined) return false;
    node = next;
  }
  return true;
}

/** The path of a JSON pointer from Ajv. */
export function pointerPath(pointer: string): Path {
  const segments = pointer.split('/').slice(1);
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function child(parent: Node | undefined, segment: string | number): [key: Node | undefined, value: Node | undefined] {
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment));
    return [asNode(pair?.key), asNode(pair?.value)];
  }
  if (isSeq(parent)) return [undefined, asNode(parent.items[Number(segment)])];
  return [undefined, undefined];
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}
