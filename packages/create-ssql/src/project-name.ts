import { basename, resolve } from 'node:path';
import validatePackageName from 'validate-npm-package-name';
import { nameInvalid } from './create-error.js';
import type { Template } from './template.js';

/**
 * The name that a project gets from its folder: an experiment the folder's own, a plugin the same without `ssql-plugin-`.
 * @throws CreateError NAME_INVALID where neither npm nor ssql would take it
 */
export function projectName(folder: string, { packagePrefix, namePattern }: Template): string {
  const base = basename(resolve(folder));
  const name = base.startsWith(packagePrefix) ? base.slice(packagePrefix.length) : base;
  if (!namePattern.test(name)) {
    const plugin = packagePrefix !== '';
    throw nameInvalid(
      name,
      `cannot be the name of ${plugin ? 'a plugin' : 'an experiment'}`,
      plugin
        ? 'Lowercase letters and digits, in words joined by `-`: my-quantizer.'
        : 'Lowercase letters, digits, `.`, `_` and `-`, a letter or a digit first: my-experiment.',
    );
  }
  const packageName = packagePrefix + name;
  const { validForNewPackages, errors = [], warnings = [] } = validatePackageName(packageName);
  if (!validForNewPackages)
    throw nameInvalid(
      packageName,
      'cannot be the name of a package',
      `npm says: ${[...errors, ...warnings].join('; ')}.`,
    );
  return name;
}
