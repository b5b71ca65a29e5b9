import { inflateSync } from 'node:zlib';

/** A value of a MATLAB file. Arrays are lists in MATLAB's order, column by column. */
export type MatValue = readonly number[] | string | readonly MatValue[] | readonly MatRecord[];

/** An element of an array of structures. */
export interface MatRecord {
  readonly [field: string]: MatValue;
}

const HEADER_BYTES = 128;
/** Types of data elements. */
const [COMPRESSED, MATRIX] = [15, 14];
/** Classes of arrays. */
const [CELL, STRUCT, CHAR] = [1, 2, 4];

/**
 * Reads the variables of a MAT-file of level 5, which MATLAB wrote by default since version 5: numbers, texts, cells and structures.
 * @throws Error if the file is another one
 */
export function readMat(file: Buffer): { readonly [variable: string]: MatValue } {
  if (file.length < HEADER_BYTES || file.toString('latin1', 126, 128) !== 'IM')
    throw new Error('it is no MAT-file of level 5 with the least significant byte first');
  const variables = elementsIn(file.subarray(HEADER_BYTES)).map(({ type, data }) => {
    const [matrix] = type === COMPRESSED ? elementsIn(inflateSync(data)) : [{ type, data }];
    if (matrix?.type !== MATRIX)
      throw new Error(`it has an element of type ${matrix?.type ?? 'none'}; expected an array`);
    return readMatrix(matrix.data);
  });
  return Object.fromEntries(variables);
}

interface Element {
  readonly type: number;
  readonly data: Buffer;
}

/** Elements one after another: a tag of 8 bytes and the data, padded to 8 bytes; data of up to 4 bytes are within the tag. */
function elementsIn(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const small = bytes.readUInt16LE(at + 2);
    const [type, length, start] =
      small > 0
        ? [bytes.readUInt16LE(at), small, at + 4]
        : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), at + 8];
    if (start + length > bytes.length) throw new Error(`it ends within an element of ${length} bytes`);
    elements.push({ type, data: bytes.subarray(start, start + length) });
    // Compressed elements are not padded.
    at = small > 0 ? at + 8 : start + (type === COMPRESSED ? length : 8 * Math.ceil(length / 8));
  }
  return elements;
}

/** An array: its flags, its dimensions, its name, and its values. */
function readMatrix(bytes: Buffer): readonly [name: string, value: MatValue] {
  const [flags, dimensions, name, ...rest] = elementsIn(bytes);
  if (flags === undefined || dimensions === undefined || name === undefined) return ['', []]; // an empty array
  const count = numbersIn(dimensions).reduce((product, length) => product * length, 1);
  return [name.data.toString('latin1'), valueOf(flags.data[0]!, count, rest)];
}

function valueOf(arrayClass: number, count: number, rest: readonly Element[]): MatValue {
  if (arrayClass === CELL) return rest.map(({ data }) => readMatrix(data)[1]);
  if (arrayClass === STRUCT) return recordsIn(count, rest);
  const [values] = rest;
  if (arrayClass < CHAR || arrayClass > 15)
    throw new Error(`it has an array of class ${arrayClass}; expected numbers, texts, cells or structures`);
  if (arrayClass !== CHAR) return values === undefined ? [] : numbersIn(values);
  if (values === undefined) return '';
  return values.type === 16 ? values.data.toString('utf8') : String.fromCharCode(...numbersIn(values));
}

/** The fields of the first structure, then those of the second, and so on. */
function recordsIn(count: number, [nameLength, names, ...fields]: readonly Element[]): readonly MatRecord[] {
  if (nameLength === undefined || names === undefined) return [];
  const [bytes = 1] = numbersIn(nameLength);
  const keys = Array.from({ length: names.data.length / bytes }, (_, index) =>
    names.data.toString('latin1', index * bytes, (index + 1) * bytes).replace(/\0.*$/s, ''),
  );
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(keys.map((key, field) => [key, readMatrix(fields[index * keys.length + field]!.data)[1]])),
  );
}

/** How numbers are stored, whatever the class of their array. */
function numbersIn({ type, data }: Element): readonly number[] {
  const stored = STORED.get(type);
  if (stored === undefined) throw new Error(`it has numbers of type ${type}, which are not read`);
  const { bytes, read } = stored;
  return Array.from({ length: data.length / bytes }, (_, index) => read(data, index * bytes));
}

const STORED: ReadonlyMap<number, { readonly bytes: number; readonly read: (data: Buffer, at: number) => number }> =
  new Map([
    [1, { bytes: 1, read: (data, at) => data.readInt8(at) }],
    [2, { bytes: 1, read: (data, at) => data.readUInt8(at) }],
    [3, { bytes: 2, read: (data, at) => data.readInt16LE(at) }],
    [4, { bytes: 2, read: (data, at) => data.readUInt16LE(at) }],
    [5, { bytes: 4, read: (data, at) => data.readInt32LE(at) }],
    [6, { bytes: 4, read: (data, at) => data.readUInt32LE(at) }],
    [7, { bytes: 4, read: (data, at) => data.readFloatLE(at) }],
    [9, { bytes: 8, read: (data, at) => data.readDoubleLE(at) }],
  ]);
