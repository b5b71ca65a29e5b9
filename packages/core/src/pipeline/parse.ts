import { isUtf8 } from 'node:buffer';
import { LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import { PipelineErrors, type Location, type SsqlError } from '../errors.js';
import {
  pipelineNotUtf8,
  pipelineTooLarge,
  yamlAliases,
  yamlDuplicateKey,
  yamlSyntax,
  yamlTooDeep,
} from './file-errors.js';
import { codeFrame } from './code-frame.js';
import { syntaxCause } from './syntax-cause.js';

/** In bytes. Typical files have a few thousand, and the cost of some checks is quadratic. */
export const LARGEST_FILE = 100_000;
const DEEPEST = 100;
const MOST_ERRORS = 20;

/** A parsed file with the place of each value. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  /** The plain value, with aliases expanded and not shared with other objects. */
  readonly value: unknown;
}

/**
 * Parses YAML 1.2 text and keeps the places of its values.
 * @throws PipelineErrors PIPELINE_TOO_LARGE, PIPELINE_NOT_UTF8, YAML_SYNTAX, YAML_DUPLICATE_KEY, YAML_TOO_DEEP, YAML_ALIASES
 */
export function parsePipeline(file: string, bytes: Uint8Array): Source {
  if (bytes.length > LARGEST_FILE) throw new PipelineErrors([pipelineTooLarge(file, LARGEST_FILE)]);
  if (!isUtf8(bytes)) throw new PipelineErrors([pipelineNotUtf8(firstBrokenLine(file, bytes))]);
  const text = new TextDecoder().decode(bytes);
  const lines = new LineCounter();
  try {
    return read(file, text, lines);
  } catch (error) {
    const at = (offset: number): Location => placeAt(file, text, lines, offset);
    // Any recursive step may exceed the stack first.
    if (error instanceof RangeError) throw new PipelineErrors([yamlTooDeep(DEEPEST, at(0))]);
    if (!(error instanceof ReferenceError)) throw error;
    const [, anchor] = /^Unresolved alias.*: (.*)$/.exec(error.message) ?? [];
    throw new PipelineErrors([yamlAliases(anchor, at(Math.max(0, text.indexOf(`*${anchor ?? ''}`))))]);
  }
}

function read(file: string, text: string, lines: LineCounter): Source {
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, stringKeys: true });
  const problems = [...document.errors, ...document.warnings];
  if (problems.some(({ message }) => message.startsWith('Maximum call stack')))
    throw new RangeError('nested too deeply');
  if (problems.length > 0) {
    throw new PipelineErrors(syntaxErrors(problems, text, (offset) => placeAt(file, text, lines, offset)));
  }
  return { file, text, document, lines, value: copy(document.toJS({ maxAliasCount: 100 })) };
}

/** Duplicate keys, and the first other error: one mistake causes many, of which later ones are seldom useful. */
function syntaxErrors(problems: readonly YAMLError[], text: string, at: (offset: number) => Location): SsqlError[] {
  const duplicates = problems.filter(({ code }) => code === 'DUPLICATE_KEY').slice(0, MOST_ERRORS);
  const first = problems.filter(({ code }) => code !== 'DUPLICATE_KEY').sort((a, b) => a.pos[0] - b.pos[0])[0];
  const errors = duplicates.map(({ pos }) => yamlDuplicateKey(at(pos[0])));
  if (first === undefined) return errors;
  const written =
    first.code === 'MULTIPLE_DOCS' ? 'A pipeline file must contain a single YAML document.' : sentence(first.message);
  const { offset, reason, hint } = syntaxCause(text, first) ?? { offset: first.pos[0], reason: written };
  return [yamlSyntax(reason, at(offset), hint), ...errors];
}

/** The place of an offset in the text. */
export function placeAt(file: string, text: string, lines: LineCounter, offset: number): Location {
  const { line, col } = lines.linePos(offset);
  const [row, column] = line === 0 ? [1, 1] : [line, col];
  const starts = lines.lineStarts;
  const textOf = (number: number): string | undefined =>
    // A line ends at the start of the next one; its line break is not shown.
    number > starts.length ? undefined : text.slice(starts[number - 1], starts[number]).replace(/\r?\n$/, '');
  return { file, line: row, column, frame: codeFrame(textOf, row, column) };
}

/** A deep copy of a plain value in which no two paths share an object. */
export function copy(value: unknown, ancestors: readonly unknown[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value)) throw new ReferenceError('A value contains itself');
  if (ancestors.length > DEEPEST) throw new RangeError('nested too deeply');
  const inside = [...ancestors, value];
  if (Array.isArray(value)) return value.map((item) => copy(item, inside));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, inside)]));
}

function firstBrokenLine(file: string, bytes: Uint8Array): Location {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    const piece = bytes.subarray(start, end < 0 ? undefined : end);
    if (end < 0 || !isUtf8(piece)) {
      const text = new TextDecoder().decode(piece);
      const frame = codeFrame((number) => (number === line ? text : number < line ? '' : undefined), line, 1);
      return { file, line, column: 1, frame };
    }
    start = end + 1;
  }
}

function sentence(message: string): string {
  const text = message.split('\n')[0] ?? message;
  return text.endsWith('.') ? text : `${text}.`;
}
