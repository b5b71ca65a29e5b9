import { createHash } from 'node:crypto';
import type { SsqlError } from '../errors.js';
import { checkpointCorrupt } from './artifact-errors.js';

export type StoredTensor =
  | { readonly name: string; readonly shape: readonly number[]; readonly dtype: 'F32'; readonly values: Float32Array }
  | { readonly name: string; readonly shape: readonly number[]; readonly dtype: 'I32'; readonly values: Int32Array };

export interface SafetensorsFile {
  readonly tensors: readonly StoredTensor[];
  readonly metadata: { readonly [key: string]: string };
}

const METADATA = '__metadata__';
/** The key of the metadata that holds a hash of everything else: the rest of the header, and the bytes of the tensors. */
const CHECKSUM = 'ssql.sha256';

/** Encodes tensors as a safetensors file (little-endian, header padded to 8 bytes) with a checksum. @throws RangeError for a wrong shape or a duplicate name */
export function encodeSafetensors(
  tensors: readonly StoredTensor[],
  metadata: { readonly [key: string]: string } = {},
): Uint8Array {
  // No prototype, so that a tensor may have the name __proto__.
  // eslint-disable-next-line no-restricted-syntax -- Object.create takes null
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  header[METADATA] = metadata;
  let end = 0;
  for (const { name, shape, dtype, values } of tensors) {
    if (name === METADATA || name in header) throw new RangeError(`Duplicate tensor name ${name}`);
    if (size(shape) !== values.length)
      throw new RangeError(`Tensor ${name}: shape [${shape.join()}] does not match ${values.length} values`);
    header[name] = { dtype, shape, data_offsets: [end, (end += values.byteLength)] };
  }
  const hash = checksum(
    header,
    tensors.map(({ values }) => bytesOf(values)),
  );
  header[METADATA] = { ...metadata, [CHECKSUM]: hash };
  const json = Buffer.from(JSON.stringify(header));
  const dataStart = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + end).fill(0x20, 8, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(json, 8);
  let at = dataStart;
  for (const { values } of tensors) {
    bytes.set(bytesOf(values), at);
    at += values.byteLength;
  }
  return bytes;
}

function bytesOf({ buffer, byteOffset, byteLength }: StoredTensor['values']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @param header without the checksum */
function checksum(header: object, data: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify(header));
  for (const bytes of data) hash.update(bytes);
  return hash.digest('hex');
}

/** Decodes a safetensors file of ssql and validates its header and its checksum. Older files have none. @throws SsqlError CHECKPOINT_CORRUPT */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { entries, metadata } = decodeEntries(bytes, { F32: 4, I32: 4 });
  const tensors = entries.map(({ name, shape, dtype, buffer }): StoredTensor => {
    return dtype === 'F32'
      ? { name, shape, dtype, values: new Float32Array(buffer) }
      : { name, shape, dtype: 'I32', values: new Int32Array(buffer) };
  });
  return { tensors, metadata };
}

/** The bytes of a tensor of any type. */
export interface SafetensorsEntry<D extends string> {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: D;
  readonly buffer: ArrayBuffer;
}

/**
 * Splits a safetensors file into its tensors, in the order of their bytes, and validates its header and, if ssql wrote it, its checksum.
 * @param dtypes bytes per element, for each type that the caller supports
 * @throws SsqlError CHECKPOINT_CORRUPT
 */
export function decodeEntries<D extends string>(
  bytes: Uint8Array,
  dtypes: { readonly [dtype in D]: number },
): { readonly entries: readonly SafetensorsEntry<D>[]; readonly metadata: SafetensorsFile['metadata'] } {
  const { header, data } = split(bytes);
  const { [METADATA]: metadata = {}, ...described } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw corrupt('its metadata is not text');
  const { [CHECKSUM]: stored, ...rest } = metadata;
  if (stored !== undefined && stored !== checksum({ ...header, [METADATA]: rest }, [data]))
    throw corrupt(
      `its bytes do not match its checksum (a program that changes the file must remove ${CHECKSUM} from its metadata)`,
    );
  let end = 0;
  const located = Object.entries(described).map(([name, entry]) => ({ name, ...checkEntry(name, entry, dtypes) }));
  located.sort((a, b) => a.start - b.start || a.end - b.end);
  const entries = located.map(({ name, shape, dtype, start, end: stop }) => {
    if (start !== end) throw corrupt(`tensor ${name} starts at byte ${start}, expected ${end}`);
    if (stop > data.length)
      throw corrupt(`tensor ${name} ends at byte ${stop}, but there are only ${data.length} bytes`);
    end = stop;
    // A copy, because the bytes of a file may be unaligned.
    return { name, shape, dtype, buffer: data.slice(start, stop).buffer };
  });
  if (end !== data.length) throw corrupt(`${data.length - end} bytes belong to no tensor`);
  return { entries, metadata: rest as { readonly [key: string]: string } }; // checked above
}

function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array<ArrayBuffer> } {
  if (bytes.length < 8) throw corrupt(`it has ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) throw corrupt(`its header of ${length} bytes is truncated`);
  const dataStart = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart)));
  } catch (cause) {
    throw corrupt('its header is not valid JSON', cause);
  }
  if (!isRecord(header)) throw corrupt('its header is not an object');
  return { header, data: new Uint8Array(bytes.subarray(dataStart)) };
}

function checkEntry<D extends string>(
  name: string,
  entry: unknown,
  dtypes: { readonly [dtype in D]: number },
): { shape: readonly number[]; dtype: D; start: number; end: number } {
  if (!isRecord(entry)) throw corrupt(`the header has no description of tensor ${name}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypes, dtype))
    throw corrupt(`tensor ${name} has dtype ${String(dtype)}, expected ${Object.keys(dtypes).join(' or ')}`);
  if (!isCounts(shape)) throw corrupt(`tensor ${name} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw corrupt(`tensor ${name} has no valid offsets`);
  const [start = 0, end = 0] = offsets;
  const expected = size(shape) * dtypes[dtype as D]; // checked to be a key
  if (end - start !== expected) throw corrupt(`tensor ${name} has ${end - start} bytes, expected ${expected}`);
  return { shape, dtype: dtype as D, start, end };
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function corrupt(problem: string, cause?: unknown): SsqlError {
  return checkpointCorrupt(`Not a valid safetensors file: ${problem}`, cause);
}
