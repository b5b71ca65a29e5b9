import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, promises, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record } from '../../packages/core/src/artifact/event-file.js';
import { describeRun } from '../../packages/core/src/artifact/manifest.js';
import { EventFile, SsqlError, writeAtomic } from '../../packages/core/src/index.js';
import { fromTorch, decodeSafetensors, encodeSafetensors, toTorch } from '../../packages/core/src/run.js';
import { runId } from '../../packages/core/src/artifact/run-name.js';

const failing = (code: string) => Object.assign(new Error(code), { code });
const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof SsqlError && error.code === code;

describe('files of a run', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  describe('writeAtomic', () => {
    it('replaces a file and leaves no other file', async () => {
      const file = join(folder, 'a');
      await writeAtomic(file, 'old');
      await writeAtomic(file, new Uint8Array([110, 101, 119]));
      assert.equal(readFileSync(file, 'utf8'), 'new');
      assert.deepEqual(readdirSync(folder), ['a']);
    });

    it('keeps the old file intact when it crashes between write and rename', async () => {
      const file = join(folder, 'a');
      writeFileSync(file, 'old');
      const crash = { ...promises, rename: () => Promise.reject(new Error('crash')), rm: () => Promise.resolve() };
      await assert.rejects(writeAtomic(file, 'new', crash), /crash/);
      assert.equal(readFileSync(file, 'utf8'), 'old');
    });

    for (const [found, code] of [
      ['ENOSPC', 'DISK_FULL'],
      ['EACCES', 'NOT_WRITABLE'],
      ['EROFS', 'NOT_WRITABLE'],
      ['EFBIG', 'NOT_WRITABLE'],
      ['ENOENT', 'NOT_WRITABLE'],
    ] as const) {
      it(`says ${code} on ${found}, naming the file, and removes what it began`, async () => {
        const file = join(folder, 'a');
        writeFileSync(file, 'old');
        await assert.rejects(
          writeAtomic(file, 'new', { ...promises, rename: () => Promise.reject(failing(found)) }),
          (error) => hasCode(code)(error) && (error as Error).message.includes(file),
        );
        assert.equal(readFileSync(file, 'utf8'), 'old');
        assert.deepEqual(readdirSync(folder), ['a']);
      });
    }

    it('writes all bytes if the system takes a few at a time', async () => {
      const file = join(folder, 'a');
      const open: typeof promises.open = async (...path) => {
        const handle = await promises.open(...path);
        const write = handle.write.bind(handle) as (data: Uint8Array, at: number, length: number) => Promise<object>;
        handle.write = ((data: Uint8Array, at: number) => write(data, at, Math.min(3, data.length - at))) as never;
        return handle;
      };
      await writeAtomic(file, 'in four parts', { ...promises, open });
      assert.equal(readFileSync(file, 'utf8'), 'in four parts');
    });

    it('keeps the old file on a disk that is really full', async function () {
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
      } catch {
        this.skip(); // mounting takes root
      }
      try {
        const file = join(folder, 'a');
        await writeAtomic(file, 'old');
        await assert.rejects(writeAtomic(file, new Uint8Array(200_000)), hasCode('DISK_FULL'));
        assert.equal(readFileSync(file, 'utf8'), 'old');
        assert.deepEqual(readdirSync(folder), ['a']);
      } finally {
        execFileSync('umount', [folder]);
      }
    });
  });

  describe('safetensors', () => {
    const bytes = encodeSafetensors(
      [
        { name: 'weight', shape: [2, 3], dtype: 'F32', values: Float32Array.of(1, -2, 3, 0.5, NaN, Infinity) },
        { name: '__proto__', shape: [], dtype: 'I32', values: Int32Array.of(-7) },
        { name: 'empty', shape: [0, 4], dtype: 'F32', values: new Float32Array(0) },
      ],
      { epoch: '3' },
    );

    it('decodes what it encoded, from any offset in memory', () => {
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      const { tensors, metadata } = decodeSafetensors(shifted.subarray(1));
      assert.deepEqual(metadata, { epoch: '3' });
      assert.deepEqual(new Set(tensors.map(({ name }) => name)), new Set(['weight', '__proto__', 'empty']));
      assert.deepEqual(
        tensors.find(({ name }) => name === 'weight')?.values,
        Float32Array.of(1, -2, 3, 0.5, NaN, Infinity),
      );
      assert.deepEqual(tensors.find(({ name }) => name === '__proto__')?.values, Int32Array.of(-7));
    });

    it('refuses truncated files and files with extra bytes', () => {
      for (let length = 0; length < bytes.length; length += 1)
        assert.throws(() => decodeSafetensors(bytes.subarray(0, length)), hasCode('CHECKPOINT_CORRUPT'), `${length}`);
      assert.throws(() => decodeSafetensors(Buffer.concat([bytes, Buffer.of(0)])), hasCode('CHECKPOINT_CORRUPT'));
    });

    it('refuses a file of which any bit of a value changed, or of a name or shape', () => {
      const text = Buffer.from(bytes).toString('latin1');
      const data = bytes.length - 28;
      for (const at of [
        ...Array.from({ length: 28 }, (_, index) => data + index),
        text.indexOf('weight'),
        text.indexOf('[2,3]') + 1,
      ]) {
        const flipped = Uint8Array.from(bytes);
        flipped[at]! ^= 1;
        assert.throws(() => decodeSafetensors(flipped), hasCode('CHECKPOINT_CORRUPT'), `byte ${at}`);
      }
    });

    it('reads a file without a checksum, and refuses bytes after its tensors', () => {
      const header = Buffer.from('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ');
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      const file = Buffer.concat([length, header, Buffer.from([0, 0, 128, 63])]);
      const { tensors, metadata } = decodeSafetensors(file);
      assert.deepEqual([tensors[0]?.values, metadata], [Float32Array.of(1), {}]);
      const longer = Buffer.concat([file, Buffer.of(0)]);
      assert.throws(() => decodeSafetensors(longer), /1 bytes belong to no tensor/);
    });

    for (const header of [
      '[]',
      '{',
      '{"a":1}',
      '{"a":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}',
      '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      '{"__metadata__":{"a":1}}',
    ]) {
      it(`refuses the header ${header}`, () => {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(header.length));
        assert.throws(
          () => decodeSafetensors(Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)])),
          hasCode('CHECKPOINT_CORRUPT'),
        );
      });
    }

    it('refuses a duplicate name and a wrong shape', () => {
      const one = { name: 'a', shape: [1], dtype: 'F32', values: new Float32Array(1) } as const;
      assert.throws(() => encodeSafetensors([one, one]), RangeError);
      assert.throws(() => encodeSafetensors([{ ...one, shape: [2] }]), RangeError);
    });
  });

  it('converts weights to the layout of PyTorch and back', () => {
    const linear = toTorch(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    assert.deepEqual(linear, { shape: [3, 2], values: Float32Array.of(1, 4, 2, 5, 3, 6) });
    const shape = [2, 3, 4, 5];
    const values = Float32Array.from({ length: 120 }, (_, index) => index);
    const moved = toTorch(values, shape);
    assert.deepEqual(moved.shape, [5, 4, 2, 3]);
    const [h, w, i, o] = [1, 2, 3, 4];
    assert.equal(moved.values[((o * 4 + i) * 2 + h) * 3 + w], values[((h * 3 + w) * 4 + i) * 5 + o]);
    assert.deepEqual(fromTorch(moved.values, moved.shape), { shape, values });
    assert.deepEqual(toTorch(Float32Array.of(1, 2), [2]), { shape: [2], values: Float32Array.of(1, 2) });
  });

  it('names runs', () => {
    assert.match(runId('SSQL, seed 1', 'a: 1'), /^ssql-seed-1-[0-9a-f]{8}$/);
    assert.match(runId('', 'a: 1'), /^run-[0-9a-f]{8}$/);
    assert.notEqual(runId('a', 'a: 1'), runId('a', 'a: 2'));
  });

  it('frames records for TensorBoard', async () => {
    // CRC-32C of "123456789" is e3069283 (RFC 3720); masked by hand.
    const crc = 0xe3069283;
    assert.equal(
      record(Buffer.from('123456789')).readUInt32LE(21),
      ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) % 2 ** 32,
    );
    const events = await EventFile.open((name) => join(folder, name), 1000.5);
    await events.scalars(300, { loss: -0.5 }, 1001);
    await events.close();
    assert.deepEqual(readdirSync(folder), ['events.out.tfevents.1000.ssql']);
  });

  it('describes a run', () => {
    const engine = { name: 'cpu', version: '4.22.0', device: 'cpu', threads: { intraOp: 1, interOp: 1 } } as const;
    const facts = {
      version: '0.1.0',
      engine,
      plugins: [{ name: 'simsiam', version: '1.0.0' }],
      data: { name: 'digits', fingerprint: 'ab' },
      seed: 1,
      cell: { seed: 1 },
      label: 'seed 1',
      group: 'SimSiam',
      quantized: false,
      now: new Date(0),
    };
    const manifest = describeRun(facts);
    assert.deepEqual(manifest['plugins'], { simsiam: '1.0.0' });
    assert.equal(manifest['date'], '1970-01-01T00:00:00.000Z');
    assert.equal(manifest['node'], process.versions.node);
  });
});
