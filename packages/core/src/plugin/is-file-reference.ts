import { isAbsolute } from 'node:path';

/** Whether a reference in a pipeline is a file (`./base.yaml`, an absolute path) rather than a package. */
export function isFileReference(reference: string): boolean {
  return /^\.{1,2}\//.test(reference) || isAbsolute(reference);
}

/**
 * Whether a reference is the name of a package, or of an export of one (`pkg/extra`). No URL is: a pipeline file must not carry code, as a
 * `data:` URL would.
 */
export function isPackageReference(reference: string): boolean {
  return /^(@[\w.~-]+\/)?\w[\w.~-]*(\/\w[\w.~-]*)*$/.test(reference);
}
