import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zipSync } from 'fflate';
import type { Release, Wheel } from '../../packages/core/src/engine/provision/release.js';

type Zippable = { readonly [path: string]: Uint8Array };

const FRAMEWORK = bytes(40_000, 1);
const LIBRARY = bytes(300_000, 7);
const CUDA = bytes(20_000, 3);
const CUDNN = bytes(250_000, 5);

/** The content of the wheels by file name. */
export const CONTENTS = new Map<string, Buffer>();

/** One small wheel, which also contains files that are not to be unpacked. */
export const RELEASE: Release = Object.freeze({
  build: 'cpu',
  platform: 'linux-x64',
  version: '2.21.0',
  wheels: [tensorflow('tensorflow-cpu', 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl')],
});

/** Three small wheels. The second wheel is larger than 100 kB, after which the index can cut a download. */
export const GPU_RELEASE: Release = Object.freeze({
  build: 'gpu',
  platform: 'linux-x64',
  version: '2.21.0',
  wheels: [
    wheel('nvidia-cuda-cu12', 'nvidia_cuda_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl', {
      'nvidia/cuda/lib/libcuda_fake.so.12': CUDA,
    }),
    wheel('nvidia-cudnn-cu12', 'nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl', {
      'nvidia/cudnn/lib/libcudnn_graph_fake.so.9': CUDNN,
      'nvidia/cudnn/lib/libcudnn_fake.so.9': CUDA,
    }),
    tensorflow('tensorflow', 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'),
  ],
});

function tensorflow(name: string, file: string): Wheel {
  return wheel(
    name,
    file,
    { 'tensorflow/libtensorflow_framework.so.2': FRAMEWORK, 'tensorflow/libtensorflow_cc.so.2': LIBRARY },
    { 'tensorflow/deep/libtensorflow_cc.so.2': bytes(10, 3) },
  );
}

function wheel(name: string, file: string, libraries: Zippable, others: Zippable = {}): Wheel {
  const init = { [`${name}/__init__.py`]: new TextEncoder().encode('raise ImportError') };
  const content = Buffer.from(zipSync({ ...init, ...libraries, ...others }, { level: 0 }));
  CONTENTS.set(file, content);
  return {
    package: name,
    version: file.split('-')[1]!,
    file,
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: content.length,
    libraries: Object.entries(libraries).map(([path, { length }]) => ({ path, bytes: length })),
  };
}

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
  /** Answers 404 for this package. */
  readonly lacks?: string;
  /** Sends other bytes for this file. */
  readonly spoils?: string;
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
    response.shouldKeepAlive = false; // so that after `close` the next connection is refused
    const path = request.url ?? '';
    asked.push({ path, range: request.headers.range, authorization: request.headers.authorization });
    const page = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
    const listed = [RELEASE, GPU_RELEASE].flatMap(({ wheels }) => wheels).find((wheel) => wheel.package === page);
    if (listed && page !== options.lacks) return sendPage(request, response, listed, options);
    const file = path.replace(/^\/files\//, '');
    const content = CONTENTS.get(file);
    if (content === undefined) return void response.writeHead(404).end();
    const sent = file === options.spoils ? Buffer.from(content).fill(0, 500, 600) : content;
    return sendWheel(request, response, sent, options, downloads(asked));
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
  listed: Wheel,
  { format = 'json', told }: FakeIndexOptions,
): void {
  const type = 'application/vnd.pypi.simple.v1+json';
  if (format === 'refusing' || request.headers.accept !== type) return void response.writeHead(406).end();
  const url = `../../files/${listed.file}`;
  if (format === 'html') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!DOCTYPE html><html><body><a href="${url}">${listed.file}</a></body></html>`);
    return;
  }
  const other = { filename: 'other.whl', url: '../../files/other.whl', hashes: {} };
  const file = { filename: listed.file, url, hashes: told === undefined ? {} : { sha256: told } };
  response.setHeader('content-type', type);
  response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name: listed.package, files: [null, other, file] }));
}

function sendWheel(
  request: IncomingMessage,
  response: ServerResponse,
  wheel: Buffer,
  options: FakeIndexOptions,
  made: readonly Asked[],
): void {
  const { cuts = 0, cutAfter = 100_000, ranges = true, failures = [], stalls = false } = options;
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
