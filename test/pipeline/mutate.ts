import { parse, stringify } from 'yaml';
import type { Random } from '@ssql/core';

/** What breaks parsers, schemas, objects and terminals. */
const TOKENS = [
  ...[
    '${',
    '}',
    '${seed}',
    '${train}',
    '${env:HOME}',
    '$${',
    '&a ',
    '*a',
    '<<: *a',
    '!!js/function ',
    '!!binary ',
    '? ',
    '- ',
  ],
  ...[
    ': ',
    '\t',
    '\u0000',
    '\u001b[2J',
    '\ufeff',
    '[[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '#',
    '---\n',
    '...\n',
    '%YAML 9\n',
  ],
  ...[
    '.inf',
    '.nan',
    '-0',
    '1e999',
    '0x10',
    '9007199254740993',
    '~',
    'null',
    'true',
    '[]',
    '{}',
    '😀',
    '__proto__: 1\n',
  ],
  ...[
    'constructor: 1\n',
    'toString: {}\n',
    'extends: ./pipeline.yaml\n',
    'matrix: { seed: [1, 2] }\n',
    'use: simsiam',
    'with: ',
  ],
];

const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    '',
    'none',
    'w4a4',
    '${seed}',
    '${method}',
    '${env:HOME}',
    '${nothing}',
    '$${',
    [],
    {},
  ],
  ...[[[]], [1, 1], { use: 'ssql' }, { use: 3 }, { use: 'simsiam', with: 3 }, { with: {} }, [null], { '': 1 }],
  { seed: [1, 2], exclude: [{ seed: 1 }], include: [{ 'train.epochs': 3 }] },
];

/** A text with one to three things done to it. */
export function mutate(text: string, source: Random): string {
  let mutated = text;
  for (let count = 1 + source.integer(3); count > 0; count--)
    mutated = source.uniform() < 0.4 ? mutateValue(mutated, source) : mutateText(mutated, source);
  return mutated;
}

/** A text with one change of bytes or lines. */
export function mutateText(text: string, source: Random): string {
  const at = source.integer(text.length + 1);
  const lines = text.split('\n');
  const line = source.integer(lines.length);
  switch (source.integer(7)) {
    case 0:
      return text.slice(0, at) + pick(source, TOKENS) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + source.integer(20));
    case 2:
      return lines.toSpliced(line, 0, lines[source.integer(lines.length)]!).join('\n');
    case 3:
      return lines.toSpliced(line, 1).join('\n');
    case 4:
      return lines.with(line, ' '.repeat(source.integer(6)) + lines[line]!.trimStart()).join('\n');
    case 5:
      return text.slice(0, at) + String.fromCharCode(source.integer(0x300)) + text.slice(at);
    default:
      return lines.with(line, pick(source, TOKENS) + lines[line]!).join('\n');
  }
}

/** Changes one value or key of what the text says, where it says something. */
function mutateValue(text: string, source: Random): string {
  let document: unknown;
  try {
    // Through JSON, which refuses what contains itself.
    document = JSON.parse(JSON.stringify(parse(text, { logLevel: 'silent', maxAliasCount: 20 })) ?? 'null');
  } catch {
    return mutateText(text, source);
  }
  return changeValue(document, source) ? stringify(document) : mutateText(text, source);
}

/** Changes one value or key of a document, in place. Returns whether it has any. */
export function changeValue(document: unknown, source: Random): boolean {
  const holders = holdersOf(document);
  if (holders.length === 0) return false;
  const holder = pick(source, holders) as Record<string, unknown>; // lists are written by key too
  const key = pick(source, Object.keys(holder));
  const other = pick(source, holders) as Record<string, unknown>;
  switch (source.integer(5)) {
    case 0:
      Reflect.deleteProperty(holder, key);
      break;
    case 1:
      if (!Array.isArray(holder)) holder[`${key}${pick(source, ['s', '.x', ' ', ''])}`] = holder[key];
      break;
    case 2:
      holder[key] = structuredClone(other[pick(source, Object.keys(other))]);
      break;
    case 3:
      holder[key] = [holder[key]];
      break;
    default:
      holder[key] = structuredClone(pick(source, VALUES));
  }
  return true;
}

function holdersOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(holdersOf);
  return Object.keys(value).length > 0 ? [value, ...inner] : inner;
}

export function pick<T>(source: Random, from: readonly T[]): T {
  return from[source.integer(from.length)]!; // none is empty
}
