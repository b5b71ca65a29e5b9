import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zipSync } from 'fflate';
import type { Release } from '../../packages/core/src/engine/provision/release.js';

const FRAMEWORK = bytes(40_000, 1);
const LIBRARY = bytes(300_000, 7);

/** A wheel as small as it gets, with what is not to be unpacked beside what is. */
export const WHEEL = Buffer.from(
  zipSync(
    {
      'tensorflow/__init__.py': new TextEncoder().encode('raise ImportError'),
      'tensorflow/libtensorflow_framework.so.2': FRAMEWORK,
      'tensorflow/libtensorflow_cc.so.2': LIBRARY,
      'tensorflow/deep/libtensorflow_cc.so.2': bytes(10, 3),
    },
    { level: 0 },
  ),
);

export const RELEASE: Release = Object.freeze({
  platform: 'linux-x64',
  package: 'tensorflow-cpu',
  version: '2.21.0',
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  sha256: createHash('sha256').update(WHEEL).digest('hex'),
  bytes: WHEEL.length,
  libraries: [
    { path: 'tensorflow/libtensorflow_framework.so.2', bytes: FRAMEWORK.length },
    { path: 'tensorflow/libtensorflow_cc.so.2', bytes: LIBRARY.length },
  ],
});

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface FakeIndex {
  /** The address of the index, `http://127.0.0.1:<port>/simple`. */
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export interface FakeIndexOptions {
  /** `html`: answers in HTML whatever is asked for. `refusing`: answers 406 where JSON is asked for. */
  readonly format?: 'json' | 'html' | 'refusing';
  readonly package?: string;
  readonly wheel?: Buffer;
  /** The sha256 that the page tells; none where undefined. */
  readonly told?: string | undefined;
  /** Cuts the connection of the first so many downloads, each after `cutAfter` bytes. */
  readonly cuts?: number;
  readonly cutAfter?: number;
  readonly ranges?: boolean;
  /** Answers to the first downloads, before the wheel. */
  readonly failures?: readonly number[];
  /** Sends `cutAfter` bytes and then nothing, without an end. */
  readonly stalls?: boolean;
}

/** A package index on this machine that misbehaves as it is told. */
export async function fakeIndex(options: FakeIndexOptions = {}): Promise<FakeIndex> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, range: request.headers.range, authorization: request.headers.authorization });
    if (path === `/simple/${options.package ?? RELEASE.package}/`) return sendPage(request, response, options);
    if (path === `/files/${RELEASE.file}`) return sendWheel(request, response, options, downloads(asked));
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/simple`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The requests for the wheel itself. */
export function downloads(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ path }) => path.startsWith('/files/'));
}

function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  { format = 'json', told }: FakeIndexOptions,
): void {
  const type = 'application/vnd.pypi.simple.v1+json';
  if (format === 'refusing' || request.headers.accept !== type) return void response.writeHead(406).end();
  const url = `../../files/${RELEASE.file}`;
  if (format === 'html') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!DOCTYPE html><html><body><a href="${url}">${RELEASE.file}</a></body></html>`);
    return;
  }
  const other = { filename: 'other.whl', url: '../../files/other.whl', hashes: {} };
  const file = { filename: RELEASE.file, url, hashes: told === undefined ? {} : { sha256: told } };
  response.setHeader('content-type', type);
  response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name: RELEASE.package, files: [null, other, file] }));
}

function sendWheel(
  request: IncomingMessage,
  response: ServerResponse,
  options: FakeIndexOptions,
  made: readonly Asked[],
): void {
  const { wheel = WHEEL, cuts = 0, cutAfter = 100_000, ranges = true, failures = [], stalls = false } = options;
  const failure = failures[made.length - 1];
  if (failure !== undefined) return void response.writeHead(failure).end();
  const start = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  if (start >= wheel.length) return void response.writeHead(416, { 'content-range': `bytes */${wheel.length}` }).end();
  const range = { 'content-range': `bytes ${start}-${wheel.length - 1}/${wheel.length}` };
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': wheel.length - start, ...(start > 0 ? range : {}) });
  if (stalls) return void response.write(wheel.subarray(start, start + cutAfter));
  if (made.length > cuts) return void response.end(wheel.subarray(start));
  response.write(wheel.subarray(start, start + cutAfter), () => setTimeout(() => response.destroy(), 20));
}

function bytes(length: number, step: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * step + (index >> 8)) & 255);
}
