import { SsqlError, type Location } from '../errors.js';

/**
 * The pipeline file does not exist or cannot be read.
 * @remedy Check the path. It is relative to the folder in which the command runs.
 */
export function pipelineFileMissing(file: string, cause?: unknown): SsqlError {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  const reason = REASONS.get(code) ?? '';
  const hint = code === 'EISDIR' ? 'Name a file in it.' : undefined;
  return new SsqlError('PIPELINE_FILE_MISSING', `Cannot read the pipeline file ${file}${reason}.`, { hint, cause });
}

/**
 * A program passes something else than the path or the content of a pipeline.
 * @remedy Pass the path of a file as a text, or its content as an object.
 */
export function pipelineNoSource(actual: string): SsqlError {
  return new SsqlError('PIPELINE_NO_SOURCE', `Expected the path of a pipeline file or an object, found ${actual}.`);
}

/**
 * A pipeline object contains a value that no file can have, such as a function.
 * @remedy Use texts, numbers, `true`, `false`, `null`, lists and objects only. Plugins have names.
 */
export function pipelineUnwritable(path: string, what: string): SsqlError {
  return new SsqlError('PIPELINE_UNWRITABLE', `The pipeline object contains ${what} at \`${path}\`.`, {
    hint: 'Use what a pipeline file can have: texts, numbers, lists and objects.',
  });
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EISDIR', ': it is a folder'],
  ['ENOENT', ': it does not exist'],
  ['EACCES', ': reading it is not permitted'],
  ['EPERM', ': reading it is not permitted'],
]);

/**
 * The pipeline file is too large, so it is not read.
 * @remedy Check that the path names a pipeline file. Move data to other files.
 */
export function pipelineTooLarge(file: string, limit: number): SsqlError {
  return new SsqlError('PIPELINE_TOO_LARGE', `The pipeline file ${file} has more than ${limit} bytes.`);
}

/**
 * The file contains bytes that are not UTF-8 text.
 * @remedy Save it as UTF-8.
 */
export function pipelineNotUtf8(location: Location): SsqlError {
  return new SsqlError('PIPELINE_NOT_UTF8', 'The pipeline file is not UTF-8 text.', {
    location,
    hint: 'Save the file as UTF-8.',
  });
}

/**
 * The file is not valid YAML, or contains more than one document.
 * @remedy Fix the reported line. Indent with spaces, not tabs. Quote texts that start with `*`, `!`, `&` or `{`, and within `{ }` or `[ ]` those with `${...}`.
 */
export function yamlSyntax(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('YAML_SYNTAX', reason, { location, hint });
}

/**
 * A mapping has the same key twice.
 * @remedy Remove one of the keys.
 */
export function yamlDuplicateKey(location: Location): SsqlError {
  return new SsqlError('YAML_DUPLICATE_KEY', 'Duplicate key.', {
    location,
    hint: 'Remove one of the keys.',
  });
}

/**
 * The values of the file are nested too deeply.
 * @remedy Use fewer levels.
 */
export function yamlTooDeep(limit: number, location: Location): SsqlError {
  return new SsqlError('YAML_TOO_DEEP', `The file is nested more than ${limit} levels deep.`, { location });
}

/**
 * An alias (`*name`) has no anchor before it, refers to itself, or the aliases expand to too many values.
 * @remedy Define the anchor before its alias, or write the values instead of aliases.
 */
export function yamlAliases(unknown: string | undefined, location: Location): SsqlError {
  const reason =
    unknown === undefined
      ? 'The aliases of the file refer to themselves or expand to too many values.'
      : `The alias \`*${unknown}\` has no anchor \`&${unknown}\` before it.`;
  return new SsqlError('YAML_ALIASES', reason, { location });
}
