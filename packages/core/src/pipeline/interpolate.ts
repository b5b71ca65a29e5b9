import { parse as parseYaml, YAMLParseError } from 'yaml';
import type { Location, SsqlError } from '../errors.js';
import { interpolationCycle, interpolationInvalid, interpolationUnknown } from './composition-errors.js';
import type { Path } from './locate.js';
import { copy } from './parse.js';
import type { Problem } from './problem.js';
import { countValues, isRecord } from './references.js';

/** Values by name, as in `process.env`. */
export type Variables = { readonly [name: string]: string | undefined };

/** Whether a text refers to other values. */
export function isInterpolated(value: unknown): value is string {
  return typeof value === 'string' && /(^|[^$])\$\{/.test(value);
}

/** Whether any text within a value refers to other values. */
export function hasExpression(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isInterpolated(value);
  return Object.values(value).some(hasExpression);
}

/** A text that interpolation gives back as it was. */
export function escapeInterpolation(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/**
 * Replaces `${path.to.value}`, `${env:NAME}` and `${env:NAME:-fallback}` in a document, in place. A text that is one expression becomes
 * the value, whatever its type (of a variable, numbers, booleans and lists are read as YAML); within a longer text it is written out.
 * `$${` stands for `${`. Where an expression fails, the text stays, and a problem has its path.
 * @param most values that all expressions together may unfold to
 */
export function interpolate(document: unknown, variables: Variables, most: number): Interpolation {
  const found: Problem[] = [];
  const unresolved: Path[] = [];
  const done = new Map<string, unknown>();
  const open: Path[] = [];
  let unfolded = 0;

  function visit(value: unknown, path: Path): unknown {
    const key = path.join('\0');
    if (done.has(key)) return done.get(key);
    const first = open.findIndex((one) => one.join('\0') === key);
    if (first >= 0) {
      const chain = [...open.slice(first), path].map((one) => one.join('.'));
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

  /** The value of a text. A failure is a problem here, unless it is one already where it comes from. */
  function attempt(text: string, path: Path): unknown {
    const depth = open.length;
    try {
      return evaluate(text);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      open.length = depth;
      if (failure.error) found.push({ path, at: 'value', error: failure.error });
      unresolved.push(path);
      return new Unresolved(text);
    }
  }

  function evaluate(text: string): unknown {
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
    if (whole !== undefined) return resolve(whole);
    const written = text.replace(/\$\$\{|\$\{([^{}]*)\}|\$\{/g, (match, expression: string | undefined) => {
      if (match === '$${') return '${';
      if (expression === undefined)
        throw invalid(`A \`\${\` is not closed in \`${text}\`.`, 'The text itself is written `$${`.');
      const value = resolve(expression);
      if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
      const what = Array.isArray(value) ? 'a list' : isRecord(value) ? 'a mapping' : 'nothing';
      throw invalid(`\`\${${expression}}\` is ${what}, which cannot be written within a text.`);
    });
    count(Math.ceil(written.length / 100));
    return written;
  }

  function resolve(expression: string): unknown {
    if (expression.startsWith('env:')) return variable(expression, variables);
    const segments = expression.trim().split('.');
    if (segments.includes(''))
      throw invalid(`\`\${${expression}}\` names no value.`, 'Write `${path.to.value}` or `${env:NAME:-fallback}`.');
    // What another expression gave is resolved, and has no path of its own.
    let [value, path]: [unknown, Path | undefined] = [document, []];
    for (const segment of segments) {
      if (path && typeof value === 'string' && value.includes('${')) [value, path] = [visit(value, path), undefined];
      if (value instanceof Unresolved) throw new Failure();
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
        const known = typeof value === 'object' && value !== null ? Object.keys(value) : [];
        throw new Failure((location) => interpolationUnknown(expression, segment, known, location));
      }
      value = (value as Record<string, unknown>)[segment]; // lists are read by key too
      path &&= [...path, segment];
    }
    const result = path ? visit(value, path) : value;
    if (holdsUnresolved(result)) throw new Failure();
    count(countValues(result));
    return copy(result);
  }

  function count(values: number): void {
    if (unfolded > most) throw new Failure(); // once is enough
    unfolded += values;
    if (unfolded > most) throw invalid(`The expressions of the pipeline unfold to more than ${most} values.`);
  }

  if (isRecord(document)) {
    for (const [key, value] of Object.entries(document)) visit(value, [key]);
    for (const key of Object.keys(document)) document[key] = settle(done.get(key));
  }
  return { problems: found, unresolved };
}

export interface Interpolation {
  readonly problems: readonly Problem[];
  /** Where an expression has no value, also for a reason that is another's problem. */
  readonly unresolved: readonly Path[];
}

/** A text whose expression has failed. */
class Unresolved {
  constructor(readonly text: string) {}
}

/** Why an expression has no value; without an error where that is said already. */
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
    throw invalid(`\`\${${expression}}\` names no variable.`, 'Write `${env:NAME}` or `${env:NAME:-fallback}`.');
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const text = value === undefined || value === '' ? fallback : value;
  if (text === undefined)
    throw invalid(`The environment has no variable ${name}.`, `Set it, or give a fallback: \`\${env:${name}:-…}\`.`);
  return readVariable(text);
}

/** As `--set` reads its values, but a text that happens to look like a mapping stays a text. */
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
