import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { pack } from 'tar-stream';

/** An IDX file of bytes. */
export function idxFile(sizes: readonly number[], values: Uint8Array, packed = false): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  const bytes = Buffer.concat([header, values]);
  return packed ? gzipSync(bytes) : bytes;
}

/** An archive of files, in their order. */
export async function tarFile(files: { readonly [name: string]: Uint8Array | string }): Promise<Buffer> {
  const archive = pack();
  for (const [name, bytes] of Object.entries(files)) archive.entry({ name }, bytes);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A Parquet file as the library `datasets` writes it: `image` with bytes and path, `label`, and the names of the classes. */
export function parquetFile(
  images: readonly Uint8Array[],
  labels?: readonly number[],
  names?: readonly string[],
): Uint8Array {
  const rows = images.map((bytes, index) => ({ bytes, path: `${index}.png` }));
  const info = { features: { image: { _type: 'Image' }, label: { names, _type: 'ClassLabel' } } };
  const buffer = parquetWriteBuffer({
    columnData: [{ name: 'image', data: rows }, ...(labels ? [{ name: 'label', data: labels.map(BigInt) }] : [])],
    schema: [
      { name: 'root', num_children: labels ? 2 : 1 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ...(labels ? [{ name: 'label', type: 'INT64' as const, repetition_type: 'OPTIONAL' as const }] : []),
    ],
    rowGroupSize: 2,
    ...(names && { kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info }) }] }),
  });
  return new Uint8Array(buffer);
}

/** A record of CIFAR-100: two labels, then red, green and blue planes of one value each. */
export function cifar100Record(coarse: number, fine: number, colour: readonly number[]): Buffer {
  return Buffer.from([coarse, fine, ...colour.flatMap((value) => new Array<number>(1024).fill(value))]);
}

/** An image of STL-10, column by column: red is the column, green the row, blue a value. */
export function stl10Image(value: number): Buffer {
  const side = Array.from({ length: 96 }, (_, index) => index);
  const plane = (of: (column: number, row: number) => number) =>
    side.flatMap((column) => side.map((row) => of(column, row)));
  return Buffer.from([...plane((column) => column), ...plane((_, row) => row), ...plane(() => value)]);
}
