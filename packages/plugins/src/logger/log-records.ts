import crc32 from 'crc-32';

/**
 * Frames records as in LevelDB's log format, with the header and the plain CRC-32 of W&B: blocks of 32 KiB, each fragment of a record after its
 * checksum, length and type.
 */
export class LogRecords {
  private at = 0;

  /** The first bytes of a file. */
  start(): Buffer {
    this.at = START.length;
    return START;
  }

  framed(record: Buffer): Buffer {
    const parts: Buffer[] = [];
    let rest = record;
    while (parts.length === 0 || rest.length > 0) {
      // No fragment begins in the last bytes of a block.
      const padding = this.free() < HEADER ? this.free() : 0;
      const data = rest.subarray(0, (padding > 0 ? BLOCK : this.free()) - HEADER);
      const first = rest === record;
      rest = rest.subarray(data.length);
      parts.push(Buffer.alloc(padding), fragment(data, first, rest.length === 0));
      this.at += padding + HEADER + data.length;
    }
    return Buffer.concat(parts);
  }

  private free(): number {
    return BLOCK - (this.at % BLOCK);
  }
}

/** The records of a file, up to one that a crash cut off. */
export function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = START.length; at + HEADER <= file.length;) {
    const free = BLOCK - (at % BLOCK);
    if (free < HEADER) {
      at += free;
      continue;
    }
    const type = file[at + 6]!;
    const data = file.subarray(at + HEADER, at + HEADER + file.readUInt16LE(at + 4));
    if (checksum(type, data) !== file.readUInt32LE(at)) break;
    parts.push(data);
    at += HEADER + data.length;
    if (type === TYPE.middle || type === TYPE.first) continue;
    records.push(Buffer.concat(parts));
    parts = [];
  }
  return records;
}

const BLOCK = 32 * 1024;
const HEADER = 7;
/** `:W&B`, its magic number and version 0. */
const START = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]);
const TYPE = { full: 1, first: 2, middle: 3, last: 4 };

function fragment(data: Buffer, first: boolean, last: boolean): Buffer {
  const type = first ? (last ? TYPE.full : TYPE.first) : last ? TYPE.last : TYPE.middle;
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(checksum(type, data));
  header.writeUInt16LE(data.length, 4);
  header[6] = type;
  return Buffer.concat([header, data]);
}

function checksum(type: number, data: Buffer): number {
  return crc32.buf(Buffer.concat([Buffer.from([type]), data])) >>> 0;
}
