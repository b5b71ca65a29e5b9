import { SsqlError, type Location } from '../errors.js';

/**
 * The pipeline file that was named does not exist or cannot be read.
 * @remedy Check the path; it starts at the folder that the command runs in.
 */
export function pipelineFileMissing(file: string, cause?: unknown): SsqlError {
  return new SsqlError('PIPELINE_FILE_MISSING', `There is no pipeline file ${file}.`, { cause });
}

/**
 * The pipeline file is larger than any that a person writes; it is not read.
 * @remedy Check that the path names a pipeline. Data belong in files of their own.
 */
export function pipelineTooLarge(file: string, bytes: number, limit: number): SsqlError {
  return new SsqlError(
    'PIPELINE_TOO_LARGE',
    `The pipeline file ${file} has ${bytes} bytes; at most ${limit} are read.`,
  );
}

/**
 * The file holds bytes that are not UTF-8 text.
 * @remedy Save it as UTF-8.
 */
export function pipelineNotUtf8(location: Location): SsqlError {
  return new SsqlError('PIPELINE_NOT_UTF8', 'The pipeline file is not UTF-8 text.', {
    location,
    hint: 'Save the file as UTF-8.',
  });
}

/**
 * The file is not YAML, or holds more than one document.
 * @remedy Mend the line that is shown; tabs do not indent.
 */
export function yamlSyntax(reason: string, location: Location): SsqlError {
  return new SsqlError('YAML_SYNTAX', reason, { location });
}

/**
 * A mapping has the same key twice.
 * @remedy Keep one of the two.
 */
export function yamlDuplicateKey(location: Location): SsqlError {
  return new SsqlError('YAML_DUPLICATE_KEY', 'The same key is written twice.', {
    location,
    hint: 'Keep one of the two.',
  });
}

/**
 * The file is nested deeper than any that a person writes.
 * @remedy Write the value flatter.
 */
export function yamlTooDeep(limit: number, location: Location): SsqlError {
  return new SsqlError('YAML_TOO_DEEP', `The file is nested more than ${limit} levels deep.`, { location });
}

/**
 * An alias (`*name`) refers to no anchor before it or to itself, or the aliases unfold to very many values.
 * @remedy Define the anchor before its alias, or write the values out.
 */
export function yamlAliases(unknown: string | undefined, location: Location): SsqlError {
  const reason =
    unknown === undefined
      ? 'The aliases of the file refer to themselves or unfold to too many values.'
      : `There is no anchor \`&${unknown}\` before its alias.`;
  return new SsqlError('YAML_ALIASES', reason, { location });
}
