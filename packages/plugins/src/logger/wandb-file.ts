import { open, readFile, type FileHandle } from 'node:fs/promises';
import { protobuf, writeAtomic, writeError } from '@ssql/core';
import { LogRecords, recordsOf } from './log-records.js';
import type { LoggedValues } from './logged-values.js';

const { bytes, fieldsOf, integer, text } = protobuf;

/** The run that a new file describes. `name` is `pipeline/id`; `started` is in milliseconds since 1970. */
interface DescribedRun {
  readonly id: string;
  readonly name: string;
  readonly started: number;
  /** The step from which the run continues. */
  readonly step: number;
}

interface Row {
  readonly step: number;
  readonly values: LoggedValues;
}

/** The `.wandb` file of an offline run: records as in wandb/proto/wandb_internal.proto. */
export class WandbFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
    private readonly log: LogRecords,
    private count: number,
    /** The row of the step from which the run continues. It is not in the file, because the monitor may add to it. */
    readonly last: Row | undefined,
  ) {}

  /** Opens a file and drops the rows after the last saved step. */
  static async open(file: string, run: DescribedRun): Promise<WandbFile> {
    const earlier = run.step > 0 ? await earlierRecords(file) : [];
    const rows = earlier.map(rowOf);
    const kept = earlier.filter((record, index) => (rows[index]?.step ?? -1) < run.step && !isExit(record));
    const records = kept.length > 0 ? kept.map(renumbered) : firstRecords(run);
    const log = new LogRecords();
    await writeAtomic(file, Buffer.concat([log.start(), ...records.map((record) => log.framed(record))]));
    const handle = await open(file, 'a').catch((error: unknown) => {
      throw writeError(file, error);
    });
    const last = rows.findLast((row) => row?.step === run.step);
    return new WandbFile(handle, file, log, records.length, last);
  }

  row({ step, values }: Row): Promise<void> {
    const items = Object.entries({ ...values, _step: step }).map(([name, value]) => bytes(1, item(name, value)));
    return this.append(RECORD.history, Buffer.concat([...items, bytes(2, integer(1, step))]));
  }

  summary(values: LoggedValues): Promise<void> {
    return this.append(
      RECORD.summary,
      Buffer.concat(Object.entries(values).map(([name, value]) => bytes(1, item(name, value)))),
    );
  }

  /** Ends the run. @param status the exit status of its process: wandb shows a run as finished if it is 0 */
  exit(status: number): Promise<void> {
    return this.append(RECORD.exit, integer(1, status));
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async append(field: number, data: Buffer): Promise<void> {
    this.count++;
    const framed = this.log.framed(Buffer.concat([integer(1, this.count), bytes(field, data)]));
    await this.handle.appendFile(framed).catch((error: unknown) => {
      throw writeError(this.file, error);
    });
  }
}

/** Numbers of the fields of a Record. */
const RECORD = { history: 2, summary: 3, run: 17, exit: 18, header: 21 };

function firstRecords({ id, name, started }: DescribedRun): Buffer[] {
  const [project = '', ...rest] = name.split('/');
  const version = Buffer.concat([text(1, 'ssql'), text(2, OLDEST_READER)]);
  const seconds = Math.floor(started / 1000);
  const start = Buffer.concat([integer(1, seconds), integer(2, Math.round(started - seconds * 1000) * 1e6)]);
  const run = [text(1, id), text(3, project), text(8, rest.join('/')), bytes(17, start)];
  return [
    Buffer.concat([integer(1, 1), bytes(RECORD.header, bytes(1, version))]),
    Buffer.concat([integer(1, 2), bytes(RECORD.run, Buffer.concat(run))]),
  ];
}

/** What wandb itself writes as `min_consumer`. */
const OLDEST_READER = '0.70.0';

function item(name: string, value: number): Buffer {
  return Buffer.concat([text(2, name), text(16, String(value))]);
}

async function earlierRecords(file: string): Promise<Buffer[]> {
  const data = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw writeError(file, error);
  });
  return recordsOf(data);
}

/** The number comes first in a record. */
function renumbered(record: Buffer, index: number): Buffer {
  const number = Number(fieldsOf(record)[0]?.[1]);
  return Buffer.concat([integer(1, index + 1), record.subarray(integer(1, number).length)]);
}

function isExit(record: Buffer): boolean {
  return fieldsOf(record).some(([field]) => field === RECORD.exit);
}

function rowOf(record: Buffer): Row | undefined {
  const history = fieldsOf(record).find(([field]) => field === RECORD.history)?.[1];
  if (!(history instanceof Buffer)) return undefined;
  const items = fieldsOf(history).filter(([field]) => field === 1);
  const values = Object.fromEntries(
    items.map(([, data]) => {
      const [name, value] = fieldsOf(data as Buffer);
      return [String(name?.[1]), Number(value?.[1])] as const;
    }),
  );
  const { _step: step, ...rest } = values;
  return { step: step ?? NaN, values: rest };
}
