import type { RunRecord } from '../kinds/run-record.js';

/** Two finished runs of a pipeline, one of which trained quantized branches. */
export function runRecords(): readonly RunRecord[] {
  return [false, true].map((quantized) => {
    const group = quantized ? 'Quantized' : 'Float';
    return deepFrozen({
      folder: `runs/example/${group}`,
      cell: { seed: quantized ? 2 : 1 },
      label: group,
      group,
      quantized,
      pipeline: `name: example\nseed: 1\n`,
      manifest: { versions: { '@ssql/core': '0.1.0' }, engine: { name: 'cpu' }, seed: 1 },
      metrics: [1, 2, 3, 4].map((step) => ({
        step,
        epoch: Math.floor((step - 1) / 2),
        loss: 1 / step,
        learningRate: 0.1,
        ...(quantized && { precision: 'w4a4' }),
        parts: { float: 1 / step },
        featureStd: 0.2,
        imagesPerSecond: 100,
      })),
      monitored: [],
      evaluations: ['float', 'w4a4'].map((precision) => ({
        stage: 'example',
        precision,
        classifier: 'matched' as const,
        metric: 'accuracy',
        value: precision === 'float' ? 95 : 90,
      })),
      assignments: {},
      pictures: [],
      costs: {},
      weights: [{ name: 'conv1.weight', shape: [2, 3], values: Float32Array.of(0.1, -0.2, 0.3, -0.1, 0.2, -0.3) }],
      timings: { pretrain: 12.5, example: 1.5 },
    });
  });
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}
