import colors from 'picocolors';
import { PipelineErrors, SsqlError } from './errors.js';
import { printable } from './printable.js';

export interface FormatOptions {
  /** ANSI colours, for a terminal. */
  readonly color?: boolean;
}

/**
 * An error, or all errors of a pipeline, as text to print: code, message, place, code frame, hint, and a link to the code's entry in the
 * reference. Several errors share one line of links, with each code once.
 */
export function formatError(error: SsqlError | PipelineErrors, { color = false }: FormatOptions = {}): string {
  const paint = colors.createColors(color);
  const errors = error instanceof PipelineErrors ? error.errors : [error];
  const texts = errors.map((each) => format(each, paint));
  const links = paint.dim(linksTo(errors));
  return errors.length === 1
    ? `${texts.join('')}\n  ${links}`
    : [...texts, `${errors.length} errors. ${links}`].join('\n\n');
}

type Colors = ReturnType<typeof colors.createColors>;

function format(
  { code, message, details: { location, hint, cause } }: SsqlError,
  { red, bold, dim, cyan }: Colors,
): string {
  const lines = [`${red(code)} ${bold(printable(message))}`];
  if (location !== undefined) {
    lines.push(dim(`  at ${location.file}:${location.line}:${location.column}`));
    for (const from of location.via?.toReversed() ?? []) lines.push(dim(`  extended by ${from}`));
    for (const line of location.frame.split('\n')) lines.push(`  ${line.endsWith('^') ? red(line) : line}`);
  }
  const thrown =
    code === 'PLUGIN_BROKEN' || code === 'GRADIENT_FAILED' || cause instanceof SsqlError ? originOf(cause) : undefined;
  if (thrown !== undefined) lines.push(dim(`  thrown ${thrown}`));
  if (hint !== undefined) lines.push(`  ${cyan(printable(hint))}`);
  return lines.join('\n');
}

/** `See docs/errors.md#missing_key, #wrong_type`: `npm run docs` writes a heading for each code. */
function linksTo(errors: readonly SsqlError[]): string {
  const anchors = [...new Set(errors.map(({ code }) => `#${code.toLowerCase()}`))].toSorted();
  return `See docs/errors.md${anchors.join(', ')}`;
}

/** The author's own line of a plugin that threw: the first that is neither Node's, nor the tensor library's, nor ours. */
function originOf(cause: unknown): string | undefined {
  const stack: unknown = cause instanceof Error ? cause.stack : undefined; // a plugin may assign anything
  const frames = typeof stack === 'string' ? stack.split('\n').map((line) => line.trim()) : [];
  return frames.find(
    (line) =>
      line.startsWith('at ') && line.includes('/') && !/node:|@tensorflow\/|@ssql\/core\/|packages\/core\//.test(line),
  );
}
