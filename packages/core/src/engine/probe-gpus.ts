/** Functions of NVIDIA's driver, libcuda. They write results into their first argument and return 0 or the code of an error. */
export interface CudaDriver {
  cuInit(flags: number): number;
  cuDriverGetVersion(version: number[]): number;
  cuDeviceGetCount(count: number[]): number;
  cuDeviceGet(device: number[], index: number): number;
  cuDeviceGetName(name: Uint8Array, size: number, device: number): number;
  cuDeviceGetAttribute(value: number[], attribute: number, device: number): number;
}

export interface Gpu {
  readonly name: string;
  /** Such as `9.0`. */
  readonly computeCapability: string;
}

export interface GpuProbe {
  readonly gpus: readonly Gpu[];
  /** The CUDA version that the driver supports, such as `12.5`. */
  readonly cuda?: string;
  /** Why no GPU can be used. */
  readonly reason?: string;
}

/** The CUDA 12.5 of the GPU build runs on every driver for CUDA 12. */
const OLDEST_CUDA = 12;
const NO_DEVICE = 100;
const CAPABILITY = { major: 75, minor: 76 };

/** Asks NVIDIA's driver for its GPUs. */
export function probeGpus(driver: CudaDriver | undefined): GpuProbe {
  if (!driver) return { gpus: [], reason: 'no NVIDIA driver (libcuda.so.1 cannot be loaded)' };
  const code = driver.cuInit(0);
  if (code !== 0 && code !== NO_DEVICE)
    return { gpus: [], reason: `the NVIDIA driver does not start (CUDA error ${code})` };
  const cuda = numberFrom((version) => driver.cuDriverGetVersion(version));
  const known = { cuda: `${Math.floor(cuda / 1000)}.${Math.floor((cuda % 1000) / 10)}` };
  if (Math.floor(cuda / 1000) < OLDEST_CUDA)
    return { ...known, gpus: [], reason: `the NVIDIA driver is for CUDA ${known.cuda}; update it to one for CUDA 12` };
  const count = code === NO_DEVICE ? 0 : numberFrom((value) => driver.cuDeviceGetCount(value));
  if (count === 0) return { ...known, gpus: [], reason: 'the NVIDIA driver sees no GPU; check CUDA_VISIBLE_DEVICES' };
  return { ...known, gpus: Array.from({ length: count }, (_, index) => gpuAt(driver, index)) };
}

function gpuAt(driver: CudaDriver, index: number): Gpu {
  const device = numberFrom((value) => driver.cuDeviceGet(value, index));
  const name = new Uint8Array(256);
  driver.cuDeviceGetName(name, name.length, device);
  const [major, minor] = [CAPABILITY.major, CAPABILITY.minor].map((attribute) =>
    numberFrom((value) => driver.cuDeviceGetAttribute(value, attribute, device)),
  );
  return { name: Buffer.from(name).toString().replace(/\0.*$/s, ''), computeCapability: `${major}.${minor}` };
}

function numberFrom(fill: (result: number[]) => number): number {
  const result = [0];
  fill(result);
  return result[0]!;
}
