import { YAMLError } from 'yaml';
import type { Location } from '../errors.js';
import { parseYaml } from '../parse-yaml.js';
import { codeFrame } from './code-frame.js';
import { overrideInvalid } from './composition-errors.js';
import { copy } from './parse.js';

/** A value that the command line sets, adds or removes. */
export interface Override {
  readonly text: string;
  /** The path with dots: `train.epochs`. */
  readonly path: string;
  /** Omitted: the value is removed. */
  readonly value?: unknown;
}

/**
 * Parses `path=value`, with the value in YAML. `path.+=value` adds to a list; `~path` removes a value.
 * @throws SsqlError OVERRIDE_INVALID
 */
export function parseOverride(text: string): Override {
  const [, remove, dotted, assigned] = /^(~?)([^=]+?)(?:=(.*))?$/s.exec(text) ?? [];
  if (dotted === undefined || (remove === '~') === (assigned !== undefined))
    throw overrideInvalid('Expected `path=value`, `path.+=value` or `~path`.', placeOf(text));
  const path = dotted.trim();
  const segments = path.split('.');
  if (segments[0] === 'extends')
    throw overrideInvalid(
      '`--set` cannot change `extends`, because the files are read before.',
      placeOf(text, 'extends'),
      'Change it in the file, or write a file that extends what you need.',
    );
  if (segments.includes('__proto__'))
    throw overrideInvalid('`__proto__` is not a key of a pipeline.', placeOf(text, '__proto__'));
  if (remove === '~') return { text, path };
  try {
    return { text, path, value: copy(parseYaml(assigned ?? '', { stringKeys: true })) };
  } catch (error) {
    if (error instanceof RangeError) throw overrideInvalid('The value is nested too deeply.', placeOf(text, assigned));
    if (error instanceof ReferenceError) {
      const alias = /: (.*)$/.exec(error.message)?.[1];
      if (alias === undefined) throw overrideInvalid('The value contains itself.', placeOf(text, assigned));
      throw overrideInvalid(
        `The value has the alias \`*${alias}\`, but no anchor \`&${alias}\`.`,
        placeOf(text, `*${alias}`),
        `For the text, quote it: "*${alias}".`,
      );
    }
    if (!(error instanceof YAMLError)) throw error;
    const reason = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
    throw overrideInvalid(`The value is not valid YAML: ${reason}.`, placeOf(text, assigned));
  }
}

/** The place of a part of an argument of the command line; of its start without a part. */
export function placeOf(text: string, part?: string): Location {
  return placeAtOffset(text, part === undefined ? 0 : Math.max(0, text.indexOf(part)));
}

/** A place in an argument of the command line. */
export function placeAtOffset(text: string, offset: number): Location {
  const column = offset + 1;
  return { file: '--set', line: 1, column, frame: codeFrame((line) => (line === 1 ? text : undefined), 1, column) };
}
