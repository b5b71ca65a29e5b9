import { Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import { escapeInterpolation, type EnvironmentText } from './interpolate.js';
import type { LoadedCell } from './load.js';
import type { Path } from './locate.js';
import { formatOrigin } from './origin.js';
import type { Pipeline } from './pipeline.js';
import { isRecord } from './references.js';

/**
 * A resolved pipeline as YAML. Loading the YAML in the same environment gives the same pipeline.
 * @param environment texts with values of the environment, which may be secret: they are written with their expressions
 */
export function pipelineYaml(pipeline: Pipeline, environment: readonly EnvironmentText[]): string {
  const document = toDocument(pipeline);
  for (const { path, text } of environment) document.setIn(path, text);
  return document.toString({ lineWidth: 0 });
}

/** A resolved pipeline as YAML, with the origin of each value as a comment. */
export function annotatedYaml({ pipeline, origin }: Pick<LoadedCell, 'pipeline' | 'origin'>): string {
  const document = toDocument(pipeline);
  annotate(document.contents as Node, [], (path) => formatOrigin(origin(path))); // a pipeline has contents
  return align(document.toString({ lineWidth: 0 }));
}

function toDocument(pipeline: Pipeline): Document {
  return new Document(escaped(pipeline), { aliasDuplicateObjects: false });
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') return escapeInterpolation(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}

/** Marks a comment until all comments are aligned. No value contains this character unescaped. */
const MARK = '\u0001';

function annotate(node: Node, path: Path, origin: (path: Path) => string): void {
  if (isMap(node) && node.items.length === 0) {
    // A plugin without options has no values to explain.
    node.flow = true;
    if (path.at(-1) !== 'with') node.comment = ` ${MARK}${origin(path)}`;
    return;
  }
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      annotate(value as Node, [...path, name], origin); // the document was created from a plain value: each item is a node
    }
    return;
  }
  if (isSeq(node) && !node.items.every(isScalar)) {
    node.items.forEach((item, index) => annotate(item as Node, [...path, index], origin));
    return;
  }
  if (isSeq(node)) {
    // A list on one line usually has one origin, unless an item was set separately.
    node.flow = true;
    const items = node.items.map((_, index) => origin([...path, index]));
    const origins = items.length === 0 ? [origin(path)] : [...new Set(items)];
    node.comment = ` ${MARK}${origins.join(', ')}`;
    return;
  }
  node.comment = ` ${MARK}${origin(path)}`;
}

const WIDEST = 56;

/** Aligns comments in one column; after a longer line the comment follows directly. */
function align(text: string): string {
  const lines = text.split('\n').map((line) => line.split(` # ${MARK}`) as [string, string?]);
  const width = Math.max(...lines.map(([code, comment]) => (comment && code.length <= WIDEST ? code.length : 0)));
  return lines.map(([code, comment]) => (comment ? `${code.padEnd(width)} # ${comment}` : code)).join('\n');
}
