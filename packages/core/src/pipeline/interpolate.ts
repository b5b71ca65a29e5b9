import { parse as parseYaml, YAMLParseError } from 'yaml';
import type { Location, SsqlError } from '../errors.js';
import { interpolationCycle, interpolationInvalid, interpolationUnknown } from './composition-errors.js';
import { splitPath } from './dotted-path.js';
import type { Path } from './locate.js';
import { copy } from './parse.js';
import type { Problem } from './problem.js';
import { countValues, isRecord } from './references.js';

/** Values by name, as in `process.env`. */
export type Variables = { readonly [name: string]: string | undefined };

/** Whether a value is a text with an expression `${…}`. */
export function isInterpolated(value: unknown): value is string {
  return typeof value === 'string' && /(^|[^$])\$\{/.test(value);
}

/** Whether any text within a value has an expression `${…}`. */
export function hasExpression(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isInterpolated(value);
  return Object.values(value).some(hasExpression);
}

/** Escapes a text, so that interpolation returns the original text. */
export function escapeInterpolation(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/**
 * Replaces `${path.to.value}`, `${env:NAME}` and `${env:NAME:-fallback}` in a document, in place. If the text is a single expression, the
 * result keeps the type of the value (numbers, booleans and lists in environment variables are parsed as YAML); within a longer text it
 * becomes text. `$${` is an escaped `${`. If an expression fails, its text remains and a problem is reported at its path. Values of the
 * environment may be secret, so the result names the texts that have some.
 * @param most the largest number of values that all expressions may expand to in total
 */
export function interpolate(document: unknown, variables: Variables, most: number): Interpolation {
  const problems: Problem[] = [];
  const unresolved: Path[] = [];
  const done = new Map<string, unknown>();
  const open: Path[] = [];
  const environment: EnvironmentText[] = [];
  let fromEnvironment = false;
  let unfolded = 0;

  function visit(value: unknown, path: Path): unknown {
    const key = path.join('\0');
    if (done.has(key)) return done.get(key);
    const first = open.findIndex((visited) => visited.join('\0') === key);
    if (first >= 0) {
      const chain = [...open.slice(first), path].map((visited) => visited.join('.'));
      throw new Failure((location) => interpolationCycle(chain, location));
    }
    open.push(path);
    const result = Array.isArray(value)
      ? value.map((item, index) => visit(item, [...path, index]))
      : isRecord(value)
        ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item, [...path, name])]))
        : typeof value === 'string' && value.includes('${')
          ? attempt(value, path)
          : value;
    open.pop();
    done.set(key, result);
    return result;
  }

  /** The value of a text. A failure becomes a problem at this path, unless another path has reported it. */
  function attempt(text: string, path: Path): unknown {
    const depth = open.length;
    const outer = fromEnvironment;
    fromEnvironment = false;
    try {
      const value = evaluate(text);
      if (fromEnvironment) environment.push({ path, text });
      return value;
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      open.length = depth;
      if (failure.error) problems.push({ path, at: 'value', error: failure.error });
      unresolved.push(path);
      return new Unresolved(text);
    } finally {
      fromEnvironment = outer;
    }
  }

  /** The value at a path of the document, which another expression refers to. */
  function referred(value: unknown, path: Path): unknown {
    const result = visit(value, path);
    fromEnvironment ||= environment.some((text) => isWithin(text.path, path));
    return result;
  }

  function evaluate(text: string): unknown {
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
    if (whole !== undefined) return resolve(whole);
    const written = text.replace(/\$\$\{|\$\{([^{}]*)\}|\$\{/g, (match, expression: string | undefined) => {
      if (match === '$${') return '${';
      if (expression === undefined)
        throw invalid(
          `A \`\${\` is not closed in \`${text}\`.`,
          'Close it with `}`, or write `$${` for the plain text `${`.',
        );
      const value = resolve(expression);
      if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
      const what = Array.isArray(value) ? 'a list' : isRecord(value) ? 'a mapping' : 'nothing';
      throw invalid(`\`\${${expression}}\` is ${what} and cannot be part of a text.`);
    });
    count(Math.ceil(written.length / 100));
    return written;
  }

  function resolve(expression: string): unknown {
    if (expression.startsWith('env:')) {
      fromEnvironment = true;
      return variable(expression, variables);
    }
    const segments = splitPath(document, expression.trim()).map(String);
    if (expression.trim().split('.').includes(''))
      throw invalid(
        `\`\${${expression}}\` is not a path to a value.`,
        'Write `${path.to.value}` or `${env:NAME:-fallback}`.',
      );
    // The result of another expression is resolved already and has no path.
    let [value, path]: [unknown, Path | undefined] = [document, []];
    for (const segment of segments) {
      if (path && typeof value === 'string' && value.includes('${')) [value, path] = [referred(value, path), undefined];
      if (value instanceof Unresolved) throw new Failure();
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
        const known = typeof value === 'object' && value !== null ? Object.keys(value) : [];
        throw new Failure((location) => interpolationUnknown(expression, segment, known, location));
      }
      value = (value as Record<string, unknown>)[segment]; // keys index lists, too
      path &&= [...path, segment];
    }
    const result = path ? referred(value, path) : value;
    if (holdsUnresolved(result)) throw new Failure();
    count(countValues(result));
    return copy(result);
  }

  function count(values: number): void {
    if (unfolded > most) throw new Failure(); // reported once already
    unfolded += values;
    if (unfolded > most) throw invalid(`The expressions of the pipeline expand to more than ${most} values.`);
  }

  if (isRecord(document)) {
    for (const [key, value] of Object.entries(document)) visit(value, [key]);
    for (const key of Object.keys(document)) document[key] = settle(done.get(key));
  }
  return { problems, unresolved, environment };
}

export interface Interpolation {
  readonly problems: readonly Problem[];
  /** The paths of all expressions without a value, including those that fail because of another expression. */
  readonly unresolved: readonly Path[];
  /** The texts whose values come from the environment, also through other expressions. */
  readonly environment: readonly EnvironmentText[];
}

export interface EnvironmentText {
  readonly path: Path;
  /** As written, with its expressions. */
  readonly text: string;
}

/** Whether a path is that of a value, or within the value. */
export function isWithin(path: Path, value: Path): boolean {
  return value.every((segment, index) => String(path[index]) === String(segment));
}

/** A text whose expression failed. */
class Unresolved {
  constructor(readonly text: string) {}
}

/** The reason why an expression has no value; without an error if it has been reported already. */
class Failure extends Error {
  constructor(readonly error?: (location: Location) => SsqlError) {
    super('an expression has no value');
  }
}

function invalid(reason: string, hint?: string): Failure {
  return new Failure((location) => interpolationInvalid(reason, location, hint));
}

function variable(expression: string, variables: Variables): unknown {
  const [, name = '', fallback] = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(expression) ?? [];
  if (name === '')
    throw invalid(
      `\`\${${expression}}\` has no valid variable name.`,
      'Write `${env:NAME}` or `${env:NAME:-fallback}`.',
    );
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const text = value === undefined || value === '' ? fallback : value;
  if (text === undefined)
    throw invalid(`The environment variable ${name} is not set.`, `Set it, or add a fallback: \`\${env:${name}:-…}\`.`);
  return readVariable(text);
}

/** Parses a variable as `--set` parses its values, but a text that looks like a mapping remains text. */
function readVariable(text: string): unknown {
  try {
    const value: unknown = parseYaml(text, { stringKeys: true, maxAliasCount: 0, logLevel: 'silent' });
    return typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value) ? value : text;
  } catch (error) {
    if (error instanceof YAMLParseError || error instanceof ReferenceError) return text;
    throw error;
  }
}

function holdsUnresolved(value: unknown): boolean {
  if (value instanceof Unresolved) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsUnresolved);
}

function settle(value: unknown): unknown {
  if (value instanceof Unresolved) return value.text;
  if (Array.isArray(value)) return value.map(settle);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, settle(item)]));
}
