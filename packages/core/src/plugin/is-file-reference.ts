import { isAbsolute } from 'node:path';

/** Whether what a pipeline names is a file (`./base.yaml`, an absolute path); else it is a package. */
export function isFileReference(reference: string): boolean {
  return /^\.{1,2}\//.test(reference) || isAbsolute(reference);
}
