import type { CudaDriver } from './probe-gpus.js';

const SIGNATURES: { readonly [F in keyof CudaDriver]: string } = {
  cuInit: 'int cuInit(unsigned int flags)',
  cuDriverGetVersion: 'int cuDriverGetVersion(_Out_ int* version)',
  cuDeviceGetCount: 'int cuDeviceGetCount(_Out_ int* count)',
  cuDeviceGet: 'int cuDeviceGet(_Out_ int* device, int index)',
  cuDeviceGetName: 'int cuDeviceGetName(_Out_ uint8_t* name, int size, int device)',
  cuDeviceGetAttribute: 'int cuDeviceGetAttribute(_Out_ int* value, int attribute, int device)',
};

/** Loads NVIDIA's driver; undefined if this machine has none. */
export async function loadCudaDriver(file = 'libcuda.so.1'): Promise<CudaDriver | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load(file);
    const functions = Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)]);
    return Object.fromEntries(functions) as CudaDriver;
  } catch {
    return undefined;
  }
}
