import { PipelineErrors, type SsqlError } from './errors.js';

export interface FormatOptions {
  /** ANSI colours, for a terminal. */
  readonly color?: boolean;
}

/**
 * An error, or all errors of a pipeline, as text to print: code, message, place, code frame, hint, and a link to the code's entry in the
 * reference. Several errors share one line of links, with each code once.
 */
export function formatError(error: SsqlError | PipelineErrors, { color = false }: FormatOptions = {}): string {
  const paint = color ? painted : plain;
  const errors = error instanceof PipelineErrors ? error.errors : [error];
  const texts = errors.map((each) => format(each, paint));
  const links = paint('dim', linksTo(errors));
  return errors.length === 1
    ? `${texts.join('')}\n  ${links}`
    : [...texts, `${errors.length} errors. ${links}`].join('\n\n');
}

type Paint = (style: keyof typeof STYLES, text: string) => string;

function format({ code, message, details: { location, hint, cause } }: SsqlError, paint: Paint): string {
  const lines = [`${paint('red', code)} ${paint('bold', printable(message))}`];
  if (location !== undefined) {
    lines.push(paint('dim', `  at ${location.file}:${location.line}:${location.column}`));
    for (const from of location.via?.toReversed() ?? []) lines.push(paint('dim', `  extended by ${from}`));
    for (const line of location.frame.split('\n')) lines.push(`  ${line.endsWith('^') ? paint('red', line) : line}`);
  }
  const thrown = code === 'PLUGIN_BROKEN' ? originOf(cause) : undefined;
  if (thrown !== undefined) lines.push(paint('dim', `  thrown ${thrown}`));
  if (hint !== undefined) lines.push(`  ${paint('cyan', printable(hint))}`);
  return lines.join('\n');
}

/** `See docs/errors.md#missing_key, #wrong_type`: `npm run docs` writes a heading for each code. */
function linksTo(errors: readonly SsqlError[]): string {
  const anchors = [...new Set(errors.map(({ code }) => `#${code.toLowerCase()}`))].toSorted();
  return `See docs/errors.md${anchors.join(', ')}`;
}

/** The author's own line of a plugin that threw: the first that is neither Node's, nor the tensor library's, nor ours. */
function originOf(cause: unknown): string | undefined {
  const frames = cause instanceof Error ? (cause.stack?.split('\n') ?? []).map((line) => line.trim()) : [];
  return frames.find(
    (line) =>
      line.startsWith('at ') && line.includes('/') && !/node:|@tensorflow\/|@ssql\/core\/|packages\/core\//.test(line),
  );
}

/** Replaces control characters: text from a file must not move the terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const STYLES = { red: 31, bold: 1, dim: 2, cyan: 36 } as const;

const painted: Paint = (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;

const plain: Paint = (_style, text) => text;
