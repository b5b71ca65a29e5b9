import type { Release } from './release.js';

/**
 * The pinned releases. Only linux-x64 was tried: its CPU build runs, its GPU build loads and computes on the CPU, but no GPU was available.
 *
 * The GPU build has the CUDA 12.5.1 and cuDNN 9.3 that this TensorFlow was built with: the oldest versions that the extra `and-cuda` of its
 * wheel accepts. It lacks the packages of that extra which training does not use: curand, NCCL (several GPUs), CUPTI (profiler), nvcc (XLA).
 */
export const RELEASES: readonly Release[] = freeze([
  {
    build: 'cpu',
    platform: 'linux-x64',
    version: '2.21.0',
    wheels: [
      {
        package: 'tensorflow-cpu',
        version: '2.21.0',
        file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
        sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        bytes: 273829956,
        libraries: [
          {
            path: 'tensorflow/libtensorflow_framework.so.2',
            bytes: 65222328,
            sha256: 'f060b323b26ef80add21b9df9428de3aeaf2843d772c5bb098745f7abff3709b',
          },
          {
            path: 'tensorflow/libtensorflow_cc.so.2',
            bytes: 788086608,
            sha256: '6505a4b9657e62100c6bdacb683957a395cb047725042945aaa50e40a71e429e',
          },
        ],
      },
    ],
  },
  {
    build: 'gpu',
    platform: 'linux-x64',
    version: '2.21.0',
    wheels: [
      {
        package: 'nvidia-cuda-runtime-cu12',
        version: '12.5.82',
        file: 'nvidia_cuda_runtime_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
        sha256: '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
        bytes: 895707,
        libraries: [{ path: 'nvidia/cuda_runtime/lib/libcudart.so.12', bytes: 712032 }],
      },
      {
        package: 'nvidia-nvjitlink-cu12',
        version: '12.5.82',
        file: 'nvidia_nvjitlink_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
        sha256: 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
        bytes: 21298879,
        libraries: [{ path: 'nvidia/nvjitlink/lib/libnvJitLink.so.12', bytes: 54560656 }],
      },
      {
        package: 'nvidia-cuda-nvrtc-cu12',
        version: '12.5.82',
        file: 'nvidia_cuda_nvrtc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
        sha256: '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
        bytes: 24873108,
        libraries: [
          { path: 'nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.5', bytes: 5322632 },
          { path: 'nvidia/cuda_nvrtc/lib/libnvrtc.so.12', bytes: 62921032 },
        ],
      },
      {
        package: 'nvidia-cublas-cu12',
        version: '12.5.3.2',
        file: 'nvidia_cublas_cu12-12.5.3.2-py3-none-manylinux2014_x86_64.whl',
        sha256: 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
        bytes: 363313169,
        libraries: [
          { path: 'nvidia/cublas/lib/libcublasLt.so.12', bytes: 446820528 },
          { path: 'nvidia/cublas/lib/libcublas.so.12', bytes: 104128480 },
        ],
      },
      {
        package: 'nvidia-cusparse-cu12',
        version: '12.5.1.3',
        file: 'nvidia_cusparse_cu12-12.5.1.3-py3-none-manylinux2014_x86_64.whl',
        sha256: '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
        bytes: 217558979,
        libraries: [{ path: 'nvidia/cusparse/lib/libcusparse.so.12', bytes: 295715544 }],
      },
      {
        package: 'nvidia-cusolver-cu12',
        version: '11.6.3.83',
        file: 'nvidia_cusolver_cu12-11.6.3.83-py3-none-manylinux2014_x86_64.whl',
        sha256: '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
        bytes: 130341232,
        libraries: [{ path: 'nvidia/cusolver/lib/libcusolver.so.11', bytes: 127953480 }],
      },
      {
        package: 'nvidia-cufft-cu12',
        version: '11.2.3.61',
        file: 'nvidia_cufft_cu12-11.2.3.61-py3-none-manylinux2014_x86_64.whl',
        sha256: '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
        bytes: 192524114,
        libraries: [{ path: 'nvidia/cufft/lib/libcufft.so.11', bytes: 276827776 }],
      },
      {
        package: 'nvidia-cudnn-cu12',
        version: '9.3.0.75',
        file: 'nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl',
        sha256: '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
        bytes: 577163502,
        libraries: [
          { path: 'nvidia/cudnn/lib/libcudnn_graph.so.9', bytes: 4362800 },
          { path: 'nvidia/cudnn/lib/libcudnn_ops.so.9', bytes: 109061784 },
          { path: 'nvidia/cudnn/lib/libcudnn_cnn.so.9', bytes: 6301232 },
          { path: 'nvidia/cudnn/lib/libcudnn_adv.so.9', bytes: 245380928 },
          { path: 'nvidia/cudnn/lib/libcudnn_heuristic.so.9', bytes: 54529720 },
          { path: 'nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9', bytes: 452999128 },
          { path: 'nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9', bytes: 12594608 },
          { path: 'nvidia/cudnn/lib/libcudnn.so.9', bytes: 108760 },
        ],
      },
      {
        package: 'tensorflow',
        version: '2.21.0',
        file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
        sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
        bytes: 572440367,
        libraries: [
          { path: 'tensorflow/libtensorflow_framework.so.2', bytes: 162648808 },
          { path: 'tensorflow/libtensorflow_cc.so.2', bytes: 1096372272 },
        ],
      },
    ],
  },
  {
    build: 'cpu',
    platform: 'linux-arm64',
    version: '2.21.0',
    wheels: [
      {
        package: 'tensorflow',
        version: '2.21.0',
        file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
        sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
        bytes: 281828020,
        libraries: [
          { path: 'tensorflow/libtensorflow_framework.so.2', bytes: 68176664 },
          { path: 'tensorflow/libtensorflow_cc.so.2', bytes: 814885544 },
        ],
      },
    ],
  },
  {
    build: 'cpu',
    platform: 'darwin-arm64',
    version: '2.21.0',
    wheels: [
      {
        package: 'tensorflow',
        version: '2.21.0',
        file: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
        sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
        bytes: 223405849,
        libraries: [
          { path: 'tensorflow/libtensorflow_framework.2.dylib', bytes: 49452976 },
          { path: 'tensorflow/libtensorflow_cc.2.dylib', bytes: 691352648 },
        ],
      },
    ],
  },
]);

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
