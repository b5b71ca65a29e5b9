import { readFileSync } from 'node:fs';
import { record } from '../../packages/core/src/artifact/event-file.js';
import { fieldsOf } from '../../packages/core/src/artifact/protobuf.js';

/** An event as TensorBoard's protobuf has it, as far as ours go. */
interface Event {
  readonly step: number;
  /** Whether a session starts here: what is known of this step and later ones is void. */
  readonly start: boolean;
  readonly scalars: { readonly [tag: string]: number };
}

/** Reads the bytes of an event file, and fails where a record's checksums are not right. */
export function readEvents(file: string): Event[] {
  const bytes = readFileSync(file);
  const events: Event[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (!record(data).equals(bytes.subarray(at, at + 16 + length)))
      throw new Error(`${file}: a record at ${at} is damaged`);
    events.push(eventOf(fieldsOf(data)));
    at += 16 + length;
  }
  return events;
}

type Fields = ReturnType<typeof fieldsOf>;

function eventOf(fields: Fields): Event {
  const [, step = 0] = fields.find(([field]) => field === 2) ?? [];
  const values = fields.filter(([field]) => field === 5).flatMap(([, summary]) => fieldsOf(summary as Buffer));
  const scalars = values.map(([, value]) => {
    const [[, tag = ''] = [], [, scalar = NaN] = []] = fieldsOf(value as Buffer);
    return [String(tag), scalar instanceof Buffer ? scalar.readFloatLE() : scalar];
  });
  return {
    step: Number(step),
    start: fields.some(([field, log]) => field === 7 && fieldsOf(log as Buffer)[0]?.[1] === 1),
    scalars: Object.fromEntries(scalars) as Event['scalars'],
  };
}
