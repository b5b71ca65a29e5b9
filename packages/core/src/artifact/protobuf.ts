// The part of Protobuf's wire format that logs need: each function writes a field with its number, or a plain number.

export function varint(value: number): Buffer {
  const parts: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) parts.push((rest % 128) | 128);
  return Buffer.from([...parts, rest]);
}

export function bytes(field: number, data: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
}

export function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

export function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

export function double(field: number, value: number): Buffer {
  const data = Buffer.alloc(9, (field << 3) | 1);
  data.writeDoubleLE(value, 1);
  return data;
}

export function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(5, (field << 3) | 5);
  data.writeFloatLE(value, 1);
  return data;
}

/** Reads the fields of a message. Numbers of fixed width are returned as their bytes. */
export function fieldsOf(data: Buffer): (readonly [field: number, value: number | Buffer])[] {
  const fields: (readonly [number, number | Buffer])[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; at < data.length; scale *= 128) {
      const byte = data[at++]!;
      value += (byte % 128) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < data.length) {
    const key = number();
    const field = Math.floor(key / 8);
    if (key % 8 === 0) {
      fields.push([field, number()]);
      continue;
    }
    const length = key % 8 === 1 ? 8 : key % 8 === 5 ? 4 : number();
    fields.push([field, data.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}
