import { parseDocument, type DocumentOptions, type ParseOptions, type SchemaOptions } from 'yaml';

/**
 * The value of a YAML text. A warning, such as of an unknown tag, is an error: `parse` of yaml prints it and goes on.
 * @throws YAMLError the first problem
 */
export function parseYaml(text: string, options: ParseOptions & DocumentOptions & SchemaOptions = {}): unknown {
  const document = parseDocument(text, options);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw problem;
  return document.toJS();
}
