// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- declares a foreign module that ships no types
/// <reference path="./crc32c.d.ts" />
import { open, type FileHandle } from 'node:fs/promises';
import crc32c from 'crc-32/crc32c.js';
import { bytes, double, float, integer, text } from './protobuf.js';
import { writeError } from './write-atomic.js';

/** A tfevents file with scalars for TensorBoard. */
export class EventFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
  ) {}

  /**
   * @param file the path of a file of the run's folder
   * @param now seconds since 1970
   * @param step the step from which a run continues. Later steps in earlier files of the folder become void
   */
  static async open(file: (name: string) => string, now: number, step = 0): Promise<EventFile> {
    const path = file(`events.out.tfevents.${Math.floor(now)}.ssql`);
    const events = new EventFile(
      await open(path, 'a').catch((error: unknown) => {
        throw writeError(path, error);
      }),
      path,
    );
    try {
      await events.append(Buffer.concat([double(1, now), text(3, 'brain.Event:2')]));
      // The start of a session makes TensorBoard discard earlier events of this step and later ones.
      if (step > 0)
        await events.append(Buffer.concat([double(1, now), integer(2, step + 1), bytes(7, integer(1, START))]));
    } catch (error) {
      await events.close();
      throw error;
    }
    return events;
  }

  async scalars(step: number, values: { readonly [tag: string]: number }, now: number): Promise<void> {
    const summary = Object.entries(values).map(([tag, value]) =>
      bytes(1, Buffer.concat([text(1, tag), float(2, value)])),
    );
    await this.append(Buffer.concat([double(1, now), integer(2, step), bytes(5, Buffer.concat(summary))]));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async append(event: Buffer): Promise<void> {
    await this.handle.appendFile(record(event)).catch((error: unknown) => {
      throw writeError(this.file, error);
    });
  }
}

/** From SessionLog.SessionStatus. */
const START = 1;

/** A TFRecord: length, its masked CRC-32C, the bytes, their masked CRC-32C. */
export function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

function maskedChecksum(data: Buffer): Buffer {
  const crc = crc32c.buf(data) >>> 0;
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}
