import { RELEASES } from './releases.js';

/** `cpu` computes on the CPU only; `gpu` also on NVIDIA GPUs. */
export type Build = 'cpu' | 'gpu';

/** A shared library inside a wheel. */
export interface LibraryFile {
  /** Its path inside the wheel. It is installed under its base name. */
  readonly path: string;
  /** Its unpacked size. */
  readonly bytes: number;
  /** Of its unpacked bytes, where it is known. The wheel has a checksum in any case. */
  readonly sha256?: string;
}

/** A wheel, pinned by its checksum. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** The wheel's file name. */
  readonly file: string;
  readonly sha256: string;
  /** The wheel's size. */
  readonly bytes: number;
  /** In load order. */
  readonly libraries: readonly LibraryFile[];
}

/** A libtensorflow with the libraries that it loads. */
export interface Release {
  readonly build: Build;
  /** `process.platform` and `process.arch`, joined by a dash. */
  readonly platform: string;
  /** The version of libtensorflow. */
  readonly version: string;
  /** In load order. */
  readonly wheels: readonly Wheel[];
}

/** The Python and the machine that a wheel is for, according to its file name. */
export interface WheelTags {
  readonly python: string;
  readonly platform: string;
}

/** The release for a build and a platform, or undefined if there is none. */
export function releaseFor(
  build: Build = 'cpu',
  platform: string = `${process.platform}-${process.arch}`,
): Release | undefined {
  return RELEASES.find((release) => release.build === build && release.platform === platform);
}

/** All shared libraries of a release in load order. */
export function librariesOf({ wheels }: Release): readonly LibraryFile[] {
  return wheels.flatMap(({ libraries }) => libraries);
}

/** The sum of the sizes of wheels or libraries. */
export function bytesOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The Python version (`3.11` or `3`) and the platform tag that make pip download this wheel on any machine. */
export function wheelTags({ file }: Wheel): WheelTags {
  const [, , python, , platform] = file.replace(/\.whl$/, '').split('-');
  const version = /^(?:cp|py)(\d)(\d*)$/.exec(python ?? '');
  if (!version || platform === undefined) throw new TypeError(`${file} is not the name of a wheel.`);
  return { python: [version[1], version[2]].filter(Boolean).join('.'), platform };
}
