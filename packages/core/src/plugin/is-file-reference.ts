import { isAbsolute } from 'node:path';

/** Whether a reference in a pipeline is a file (`./base.yaml`, an absolute path) rather than a package. */
export function isFileReference(reference: string): boolean {
  return /^\.{1,2}\//.test(reference) || isAbsolute(reference);
}
