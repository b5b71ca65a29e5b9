import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { definePlugin, type DataFile, type SsqlError } from '@ssql/core';
import type { PipelineErrors } from '@ssql/core/run';
import { discoverRegistry } from '../../packages/core/src/plugin/discover.js';
import { getData } from '../../packages/core/src/run/get-data.js';
import { tarFile } from '../plugins/write-datasets.js';
import { ssql } from './small-run.js';

/** Larger than what one answer of a broken connection brings. */
const CONTENT = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 31 + (index >> 8)) % 256));
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** How the server answers. */
interface Answers {
  /** Whether it knows ranges; default: it does. */
  readonly ranges?: boolean;
  /** The bytes that the first answers bring before the connection breaks. */
  readonly breaks?: readonly number[];
}

describe('ssql data get', function () {
  this.timeout(60_000);
  let folder: string;
  let archive: Buffer;
  let server: Server | undefined;
  let asked: (string | undefined)[];
  before(async () => {
    archive = gzipSync(await tarFile({ 'set/deep/a.bin': CONTENT, 'set/b.txt': 'b' }), { level: 0 });
  });
  beforeEach(() => void ([folder, asked] = [mkdtempSync(join(tmpdir(), 'ssql-get-')), []]));
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  /** The address of a server with these bytes. */
  const serve = async (bytes: Buffer, { ranges = true, breaks = [] }: Answers = {}): Promise<string> => {
    const answer = ({ headers: { range } }: IncomingMessage, response: ServerResponse): void => {
      const limit = breaks[asked.length];
      asked.push(range);
      const from = ranges && range !== undefined ? Number(/\d+/.exec(range)?.[0]) : 0;
      const rest = bytes.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': rest.length,
        ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      });
      if (limit === undefined) return void response.end(rest);
      response.write(rest.subarray(0, limit), () => response.destroy());
    };
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const data = (...files: readonly DataFile[]) =>
    definePlugin({
      kind: 'data',
      name: 'served',
      summary: 'A set of this test.',
      files,
      options: {
        type: 'object',
        additionalProperties: false,
        properties: { root: { type: 'string', description: 'The folder with deep/.' } },
      },
      create: () => assert.fail('nothing is read'),
    });
  const to = (): string => join(folder, 'served');
  const left = (): readonly string[] => readdirSync(to()).filter((name) => !/\.(lock|unpacked)$/.test(name));
  const get = (...files: readonly DataFile[]) => getData(data(...files), to());

  it('downloads, checks and unpacks an archive, continuing after broken connections, and removes it', async () => {
    const url = await serve(archive, { breaks: [150_000, 100_000] });
    const seen: number[] = [];
    await getData(data({ url: `${url}/set.tar.gz`, md5: md5(archive), strip: 1 }), to(), {
      onProgress: (_, done) => void seen.push(done),
    });
    assert.deepEqual([readFileSync(join(to(), 'deep/a.bin')), left().toSorted()], [CONTENT, ['b.txt', 'deep']]);
    assert.equal(asked.length, 3);
    assert.equal(asked[0], undefined);
    for (const range of asked.slice(1)) assert.match(range!, /^bytes=[1-9]\d*-$/);
    assert.ok(Math.max(...seen) === archive.length, `${Math.max(...seen)}`);
  });

  it('downloads an archive that it unpacked only where the hidden file is gone, or names another one', async () => {
    const url = await serve(archive);
    const file = { url: `${url}/set.tar.gz`, md5: md5(archive), strip: 1 };
    assert.deepEqual(await get(file), []);
    const mark = join(to(), '.set.tar.gz.unpacked');
    assert.deepEqual([await get(file), asked.length], [[{ archive: 'set.tar.gz', mark }], 1]);
    rmSync(mark);
    assert.deepEqual([await get(file), asked.length], [[], 2]);
    writeFileSync(mark, md5(CONTENT));
    assert.deepEqual([await get(file), asked.length], [[], 3]);
  });

  it('begins again where the server knows no ranges', async () => {
    const url = await serve(CONTENT, { ranges: false, breaks: [150_000] });
    await get({ url: `${url}/labels.mat`, md5: md5(CONTENT) });
    assert.deepEqual([readFileSync(join(to(), 'labels.mat')), left(), asked.length], [CONTENT, ['labels.mat'], 2]);
  });

  it('removes a download of another checksum, and keeps what the user put in its place', async () => {
    const url = `${await serve(CONTENT)}/labels.mat`;
    await assert.rejects(get({ url, md5: md5(archive) }), {
      code: 'DATA_CHECKSUM',
      message: `The download of ${url} has the MD5 ${md5(CONTENT)}, not ${md5(archive)}. It was removed.`,
    });
    assert.deepEqual(left(), []);
    const path = join(to(), 'labels.mat');
    const refused = (place: string): Promise<void> =>
      assert.rejects(get({ url, md5: md5(CONTENT) }), ({ code, message }: SsqlError) => {
        assert.equal(code, 'DATA_IN_THE_WAY', message);
        assert.ok(message.startsWith(`${place} `), message);
        return true;
      });
    writeFileSync(path, 'mine');
    await refused(path);
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    rmSync(path);
    for (const make of [
      () => mkdirSync(path),
      () => symlinkSync('/dev/zero', path),
      () => symlinkSync('nowhere', path),
    ]) {
      make();
      await refused(path);
      rmSync(path, { recursive: true });
    }
    writeFileSync(join(folder, 'mine'), 'mine');
    symlinkSync(join(folder, 'mine'), `${path}.part`);
    await refused(`${path}.part`);
    assert.equal(readFileSync(join(folder, 'mine'), 'utf8'), 'mine');
  });

  it('says that the publisher sends an empty file', async () => {
    const url = `${await serve(Buffer.alloc(0))}/labels.mat`;
    await assert.rejects(get({ url, md5: md5(Buffer.alloc(0)) }), {
      code: 'DOWNLOAD_FAILED',
      message: `${url} cannot be downloaded: ${url} answered with an empty file.`,
    });
  });

  it('says what to put where if the publisher does not answer, and takes what is there', async () => {
    const file = { url: 'http://127.0.0.1:9/set.tar.gz', md5: md5(archive), strip: 1 };
    const path = join(to(), 'set.tar.gz');
    const url = await serve(Buffer.from('gone'));
    server?.removeAllListeners('request').on('request', (_, response: ServerResponse) => response.writeHead(404).end());
    await assert.rejects(get({ ...file, url: `${url}/set.tar.gz` }), ({ code, message, details }: SsqlError) => {
      assert.equal(code, 'DOWNLOAD_FAILED');
      assert.match(message, /set\.tar\.gz cannot be downloaded: .* answered 404/);
      assert.ok(details.hint!.includes(path), details.hint);
      return true;
    });
    writeFileSync(path, archive);
    await get(file);
    assert.ok(existsSync(join(to(), 'deep/a.bin')) && existsSync(path), 'the file is of the user');
  });

  it('refuses an archive that is damaged or reaches out of its folder, and keeps it', async () => {
    mkdirSync(to());
    const outside = gzipSync(await tarFile({ 'set/../../outside.txt': 'x' }));
    for (const [bytes, reason] of [
      [outside, /has the path set\/\.\.\/\.\.\/outside\.txt/],
      [archive.subarray(0, 200_000), /unexpected end of file/i],
    ] as const) {
      writeFileSync(join(to(), 'set.tgz'), bytes);
      await assert.rejects(get({ url: 'http://127.0.0.1:9/set.tgz', md5: md5(bytes), strip: 0 }), {
        code: 'ARCHIVE_INVALID',
        message: reason,
      });
      assert.ok(existsSync(join(to(), 'set.tgz')) && !existsSync(join(folder, 'outside.txt')));
    }
  });

  it('writes over no archive, and through no link', async () => {
    mkdirSync(to());
    const mine = join(folder, 'mine');
    mkdirSync(mine);
    writeFileSync(join(mine, 'b.txt'), 'mine');
    symlinkSync(mine, join(to(), 'linked'));
    symlinkSync(join(mine, 'b.txt'), join(to(), 'b.txt'));
    const other = await tarFile({ 'x.txt': 'x' });
    writeFileSync(join(to(), 'other.tar'), other);
    for (const name of ['set.tar', 'other.tar', 'linked/b.txt', 'linked/new/c.txt', 'b.txt']) {
      const bytes = await tarFile({ [name]: 'written' });
      writeFileSync(join(to(), 'set.tar'), bytes);
      const files = [{ url: 'http://127.0.0.1:9/set.tar', bytes }, { url: 'http://127.0.0.1:9/other.tar', bytes: other }]; // prettier-ignore
      await assert.rejects(get(...files.map(({ url, bytes: held }) => ({ url, md5: md5(held), strip: 0 }))), {
        code: 'ARCHIVE_INVALID',
        message: /would replace the archive|is a link or device/,
      });
      assert.deepEqual([readFileSync(join(to(), 'set.tar')), readFileSync(join(to(), 'other.tar'))], [bytes, other]);
      assert.deepEqual([readdirSync(mine), readFileSync(join(mine, 'b.txt'), 'utf8')], [['b.txt'], 'mine'], name);
    }
  });

  it('says what the option root expects where it has no address', async () => {
    await assert.rejects(get(), { code: 'DATA_NOT_OFFERED' });
    const { status, stderr } = await ssql(folder, ['data', 'get', 'cub200']);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /no address of files for `cub200`/);
    assert.match(stderr, /The unpacked folder CUB_200_2011/);
  });

  it('is offered only addresses and checksums that are some', async () => {
    const zeros = '0'.repeat(32);
    for (const files of [
      [{ url: 'https://example.org/a.tar', md5: '12' }],
      [{ url: 'nonsense', md5: zeros }],
      [{ url: 'file:///etc/hostname', md5: zeros }],
      [{ url: 'https://example.org/', md5: zeros }],
      ['a', 'b'].map((name) => ({ url: `https://example.org/${name}/a.tar`, md5: zeros })),
    ]) {
      const file = `plugin-${createHash('md5').update(JSON.stringify(files)).digest('hex')}.mjs`; // modules are loaded once
      writeFileSync(
        join(folder, file),
        `export const plugins = [{ kind: 'data', name: 'mine', summary: 'Mine.', files: ${JSON.stringify(files)},
          options: { type: 'object', additionalProperties: false, properties: {} }, create() {} }];`,
      );
      await assert.rejects(discoverRegistry([`./${file}`], folder), ({ errors: [error] }: PipelineErrors) => {
        assert.equal(error?.code, 'PLUGIN_BROKEN');
        assert.match(error.message, /\(data `mine`\) has a `files` that is not a list of `\{ url, md5, strip \}`/);
        return true;
      });
    }
  });
});
