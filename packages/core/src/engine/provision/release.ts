/** A shared library inside a wheel. */
export interface LibraryFile {
  /** Its path inside the wheel. */
  readonly path: string;
  /** Its size unpacked, in bytes. */
  readonly bytes: number;
}

/** One wheel that holds libtensorflow, pinned by its checksum. */
export interface Release {
  /** `process.platform` and `process.arch`, joined by a dash. */
  readonly platform: string;
  readonly package: string;
  readonly version: string;
  /** The wheel's file name. */
  readonly file: string;
  readonly sha256: string;
  /** The wheel's size. */
  readonly bytes: number;
  /** In the order in which they are to be loaded. */
  readonly libraries: readonly LibraryFile[];
}

/** What a wheel's file name says of the Python and the machine it is for. */
export interface WheelTags {
  readonly python: string;
  readonly platform: string;
}

/** The releases, by platform. Only linux-x64 was tried; the others follow the same layout and are pinned, but have not run. */
export const RELEASES: { readonly [platform: string]: Release } = Object.freeze({
  'linux-x64': freeze({
    platform: 'linux-x64',
    package: 'tensorflow-cpu',
    version: '2.21.0',
    file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    bytes: 273829956,
    libraries: [
      { path: 'tensorflow/libtensorflow_framework.so.2', bytes: 65222328 },
      { path: 'tensorflow/libtensorflow_cc.so.2', bytes: 788086608 },
    ],
  }),
  'linux-arm64': freeze({
    platform: 'linux-arm64',
    package: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    bytes: 281828020,
    libraries: [
      { path: 'tensorflow/libtensorflow_framework.so.2', bytes: 68176664 },
      { path: 'tensorflow/libtensorflow_cc.so.2', bytes: 814885544 },
    ],
  }),
  'darwin-arm64': freeze({
    platform: 'darwin-arm64',
    package: 'tensorflow',
    version: '2.21.0',
    file: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    bytes: 223405849,
    libraries: [
      { path: 'tensorflow/libtensorflow_framework.2.dylib', bytes: 49452976 },
      { path: 'tensorflow/libtensorflow_cc.2.dylib', bytes: 691352648 },
    ],
  }),
});

/** The release for a platform; undefined where there is none. */
export function releaseFor(platform: string = `${process.platform}-${process.arch}`): Release | undefined {
  return Object.hasOwn(RELEASES, platform) ? RELEASES[platform] : undefined;
}

/** The Python version ('3.11') and the platform tag that pip must be asked for to be given this wheel on any machine. */
export function wheelTags(release: Release): WheelTags {
  const [, , python, , platform] = release.file.replace(/\.whl$/, '').split('-');
  const version = /^cp(\d)(\d+)$/.exec(python ?? '');
  if (!version || platform === undefined) throw new TypeError(`not the name of a CPython wheel: ${release.file}`);
  return { python: `${version[1]}.${version[2]}`, platform };
}

function freeze(release: Release): Release {
  for (const library of release.libraries) Object.freeze(library);
  Object.freeze(release.libraries);
  return Object.freeze(release);
}
