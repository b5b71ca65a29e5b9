import type { Dataset, Split } from '../../../packages/core/src/kinds/data.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const data = (title: string, says: RegExp, change: (valid: Dataset) => unknown): BrokenPlugin =>
  broken({ kind: 'data', title, says, make: change });
/** A change of the training split. */
const train = (title: string, says: RegExp, change: (valid: Split) => object): BrokenPlugin =>
  data(title, says, (valid) => ({ ...valid, train: { ...valid.train, ...change(valid.train) } }));
const reads = (title: string, says: RegExp, change: (bytes: Uint8Array) => unknown): BrokenPlugin =>
  train(title, says, ({ read }) => ({ read: async (indexes: Uint32Array) => change(await read(indexes)) }));

/** Broken data plugins. */
export const DATA: readonly BrokenPlugin[] = [
  data('makes nothing', /^makes undefined instead of an object\.$/, () => undefined),
  data('has a shape of two sides', /^makes an object with `shape` \[4,4\]; expected height, width and channels/, (valid) => ({ ...valid, shape: [4, 4] })),
  data('has a shape with 0 channels', /`shape` \[4,4,0\]/, (valid) => ({ ...valid, shape: [4, 4, 0] })),
  data('has a number of classes', /with `classes` 2; expected a list of names/, (valid) => ({ ...valid, classes: 2 })),
  data('has numbers as classes', /with `classes\[1\]` 1; expected a name/, (valid) => ({ ...valid, classes: ['zero', 1] })),
  data('has an empty fingerprint', /with an empty `fingerprint`; expected a hash of its bytes/, (valid) => ({ ...valid, fingerprint: '' })),
  data('has one note', /with `notes` "one"; expected a list of texts/, (valid) => ({ ...valid, notes: 'one' })),
  data('has no test split', /without `test`, an object/, (valid) => ({ ...valid, test: undefined })),
  data('has null as a split', /without `test`, an object/, (valid) => ({ ...valid, test: null })),
  data('has labels beyond the classes in the test split', /^makes `test` with the label 2; expected labels below 2, the number of classes/, (valid) => ({ ...valid, test: { ...valid.test, labels: Uint8Array.of(0, 1, 2, 0) } })),
  train('has labels beyond the classes', /^makes `train` with the label 255; expected labels below 2/, () => ({ labels: new Uint8Array(8).fill(255) })),
  train('has one label more than images', /^makes `train` with 9 labels; expected 8, its `size`/, () => ({ labels: new Uint8Array(9) })),
  train('has a list as labels', /with `labels` a list of 8; expected a Uint8Array or a Uint16Array/, () => ({ labels: [0, 1, 0, 1, 0, 1, 0, 1] })),
  train('has half an image', /with `size` 7\.5; expected a whole number/, () => ({ size: 7.5 })),
  train('does not read', /^makes `train` without `read`, a function/, () => ({ read: undefined })),
  data('has another split without images', /^makes `splits` `more` without `read`, a function/, (valid) => ({ ...valid, splits: { more: { size: 4 } } })),
  data('has labels beyond the classes in another split', /^makes `splits` `more` with the label 2; expected labels below 2/, (valid) => ({ ...valid, splits: { more: { ...valid.test, labels: Uint8Array.of(0, 1, 2, 0) } } })),
  data('has a second training split', /with a split `train` in `splits`; expected other names there/, (valid) => ({ ...valid, splits: { train: valid.test } })),
  data('has a list of splits', /`splits`/, (valid) => ({ ...valid, splits: [valid.test] })),
  reads('reads one image too few', /^returns 48 bytes from `train\.read`; expected 64 bytes in a Uint8Array \(4 images \[4,4,1\]\)/, (bytes) => bytes.subarray(16)),
  reads('reads one image too many', /^returns 80 bytes from `train\.read`; expected 64/, (bytes) => Uint8Array.of(...bytes, ...bytes.subarray(0, 16))),
  reads('reads floats in [0, 1]', /^returns a Float32Array from `train\.read`; expected 64 bytes in a Uint8Array/, (bytes) => Float32Array.from(bytes, (byte) => byte / 255)),
  reads('reads into the same array each time', /^returns an array that it returned before from `train\.read`; expected a new array for each call/, (() => { const reused = new Uint8Array(64); return (bytes: Uint8Array) => { reused.set(bytes); return reused; }; })()),
  reads('reads nothing', /^returns undefined from `train\.read`/, () => undefined),
  train('fails while it reads', /^failed in `train\.read`: no disk\.$/, () => ({ read: () => Promise.reject(new Error('no disk')) })),
  train('throws when it is asked to read', /^failed in `train\.read`: no disk\.$/, () => ({ read: () => { throw new TypeError('no disk'); } })),
  data('fails while test images are read', /^failed in `test\.read`: no disk\.$/, (valid) => ({ ...valid, test: { ...valid.test, read: () => Promise.reject(new Error('no disk')) } })),
]; // prettier-ignore
