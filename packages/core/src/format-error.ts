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
  const paint = (style: keyof typeof STYLES, text: string) =>
    color ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
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

const STYLES = { red: 31, bold: 1, dim: 2, cyan: 36 } as const;
