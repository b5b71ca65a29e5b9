import assert from 'node:assert/strict';
import { loadCudaDriver } from '../../packages/core/src/engine/cuda-driver.js';
import { probeGpus, type CudaDriver } from '../../packages/core/src/engine/probe-gpus.js';

interface FakeGpu {
  readonly name: string;
  readonly capability: readonly [major: number, minor: number];
}

/** A driver whose device numbers differ from the indexes, so that a mix-up shows. */
function fakeDriver(gpus: readonly FakeGpu[], { version = 12050, init = 0 } = {}): CudaDriver {
  const write = (target: number[], value: number): number => {
    target[0] = value;
    return 0;
  };
  const at = (device: number): FakeGpu => gpus[device - 40]!;
  return {
    cuInit: () => init,
    cuDriverGetVersion: (target) => write(target, version),
    cuDeviceGetCount: (target) => write(target, gpus.length),
    cuDeviceGet: (target, index) => write(target, 40 + index),
    cuDeviceGetName(target, size, device) {
      assert.equal(size, target.length);
      new TextEncoder().encodeInto(`${at(device).name}\0rest`, target);
      return 0;
    },
    cuDeviceGetAttribute: (target, attribute, device) => write(target, at(device).capability[attribute - 75]!),
  };
}

describe('probeGpus', () => {
  it('reads names and compute capabilities of the GPUs, and the CUDA version of the driver', () => {
    const driver = fakeDriver([
      { name: 'NVIDIA H100 80GB HBM3', capability: [9, 0] },
      { name: 'NVIDIA A10', capability: [8, 6] },
    ]);
    assert.deepEqual(probeGpus(driver), {
      cuda: '12.5',
      gpus: [
        { name: 'NVIDIA H100 80GB HBM3', computeCapability: '9.0' },
        { name: 'NVIDIA A10', computeCapability: '8.6' },
      ],
    });
  });

  const gpu: FakeGpu = { name: 'NVIDIA T4', capability: [7, 5] };
  const cases: readonly [what: string, driver: CudaDriver | undefined, reason: RegExp][] = [
    ['no driver', undefined, /^no NVIDIA driver/],
    ['a driver that does not start', fakeDriver([gpu], { init: 999 }), /does not start \(CUDA error 999\)$/],
    ['a driver that is too old', fakeDriver([gpu], { version: 11080 }), /is for CUDA 11\.8; update it/],
    ['no device', fakeDriver([gpu], { init: 100 }), /sees no GPU; check CUDA_VISIBLE_DEVICES/],
    ['a count of zero', fakeDriver([]), /sees no GPU; check CUDA_VISIBLE_DEVICES/],
  ];
  for (const [what, driver, reason] of cases) {
    it(`says why there is no GPU: ${what}`, () => {
      const probe = probeGpus(driver);
      assert.deepEqual(probe.gpus, []);
      assert.match(probe.reason ?? '', reason);
    });
  }
});

describe('loadCudaDriver', () => {
  it('is undefined without the library, and for a library that is not the driver', async () => {
    assert.equal(await loadCudaDriver('libcuda-missing.so.1'), undefined);
    assert.equal(await loadCudaDriver(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6'), undefined);
  });
});
