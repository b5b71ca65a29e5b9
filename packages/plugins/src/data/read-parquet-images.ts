import { statSync } from 'node:fs';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { refuseSpecialFile } from '@ssql/core';
import { compressors } from 'hyparquet-compressors';
import { dataInvalid } from './data-errors.js';
import { damageOf } from './reason-of.js';

/** An image of a row. */
export interface ParquetImage {
  readonly bytes: Uint8Array;
  /** The label as text. */
  readonly text: string | undefined;
  /** From 0. */
  readonly row: number;
}

/**
 * Reads the images of a file, one group of rows after another.
 * @returns the names of the classes, if the file has them
 * @throws SsqlError DATA_INVALID
 */
export async function readParquetImages(
  path: string,
  { image, label }: { readonly image: string; readonly label: string },
  take: (read: ParquetImage) => void,
): Promise<readonly string[] | undefined> {
  refuseSpecialFile(path);
  try {
    if (statSync(path).size === 0) throw new Error('it is empty');
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = new Set(metadata.schema.map(({ name }) => name));
    if (!columns.has(image))
      throw new Error(`it has no column \`${image}\`; set \`image\` to the column of the images`);
    let first = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rows = await parquetReadObjects({
        file,
        metadata,
        compressors,
        columns: columns.has(label) ? [image, label] : [image],
        rowStart: first,
        rowEnd: first + Number(count),
        utf8: false, // the bytes of an image are no text
      });
      rows.forEach((row, index) => take(imageOf(row, { image, label }, first + index)));
      first += Number(count);
    }
    return classNamesIn(metadata.key_value_metadata ?? [], label);
  } catch (error) {
    throw dataInvalid(`${path} cannot be read: ${damageOf(error)}.`);
  }
}

function imageOf(
  row: { readonly [column: string]: unknown },
  { image, label }: { readonly image: string; readonly label: string },
  index: number,
): ParquetImage {
  const { [image]: cell, [label]: value } = row;
  // The hub stores { bytes, path }.
  const bytes = cell instanceof Uint8Array ? cell : (Object(cell) as { readonly bytes?: unknown }).bytes;
  if (!(bytes instanceof Uint8Array)) throw new Error(`row ${index} has no image bytes in \`${image}\``);
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  return {
    bytes,
    // In datasets of the hub, -1 stands for no label.
    text:
      text === undefined || text === null || String(text as number) === '-1'
        ? undefined
        : String(text as string | number | bigint),
    row: index,
  };
}

/** The names that the library `datasets` writes into the file. */
function classNamesIn(
  metadata: readonly { readonly key: string; readonly value?: string }[],
  label: string,
): readonly string[] | undefined {
  const text = metadata.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return undefined;
  const { info } = Object(JSON.parse(text)) as {
    readonly info?: { readonly features?: { readonly [column: string]: { readonly names?: readonly string[] } } };
  };
  return info?.features?.[label]?.names;
}
