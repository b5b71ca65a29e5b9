import colors from 'picocolors';
import { PipelineErrors, type SsqlError } from './errors.js';

export interface FormatOptions {
  /** ANSI colours, for a terminal. */
  readonly color?: boolean;
}

/** An error, or all errors of a pipeline, as text to print: code, message, place, code frame, hint. */
export function formatError(error: SsqlError | PipelineErrors, { color = false }: FormatOptions = {}): string {
  if (!(error instanceof PipelineErrors)) return formatOne(error, color);
  const errors = error.errors.map((one) => formatOne(one, color));
  return errors.length === 1 ? errors.join('') : [...errors, `${errors.length} errors.`].join('\n\n');
}

function formatOne({ code, message, details: { location, hint, cause } }: SsqlError, color: boolean): string {
  const { red, bold, dim, cyan } = colors.createColors(color);
  const lines = [`${red(code)} ${bold(printable(message))}`];
  if (location !== undefined) {
    lines.push(dim(`  at ${location.file}:${location.line}:${location.column}`));
    for (const from of location.via?.toReversed() ?? []) lines.push(dim(`  extended by ${from}`));
    for (const line of location.frame.split('\n')) lines.push(`  ${line.endsWith('^') ? red(line) : line}`);
  }
  const thrown = code === 'PLUGIN_BROKEN' ? originOf(cause) : undefined;
  if (thrown !== undefined) lines.push(dim(`  thrown ${thrown}`));
  if (hint !== undefined) lines.push(`  ${cyan(printable(hint))}`);
  return lines.join('\n');
}

/** The author's own line of a plugin that threw: the first that is neither Node's, nor the tensor library's, nor ours. */
function originOf(cause: unknown): string | undefined {
  const frames = cause instanceof Error ? (cause.stack?.split('\n') ?? []).map((line) => line.trim()) : [];
  return frames.find(
    (line) =>
      line.startsWith('at ') && line.includes('/') && !/node:|@tensorflow\/|@ssql\/core\/|packages\/core\//.test(line),
  );
}

/** What a file says must not move the terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
