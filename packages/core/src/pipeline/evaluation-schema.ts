import { COUNT, optionalPlugin, plugin, record, SPLIT } from './schema-parts.js';

/** How classifiers and other measurements get their images and their quantized networks. */
export const EVALUATION = record('Settings shared by the evaluation stages.', {
  train: {
    ...SPLIT,
    description: 'The split that classifiers are trained on and activation ranges are calibrated on; default: train.',
  },
  test: { ...SPLIT, description: 'The split that results are measured on; default: test.' },
  unlabelled: {
    enum: ['refuse', 'skip'],
    description:
      'What happens to stages that need labels if the images have none. `refuse`, the default: the run does not start. `skip`: they are left out.',
  },
  calibration: record('How networks are quantized in evaluation. It does not affect training.', {
    samples: { ...COUNT, default: 1000, description: 'Number of training images that calibrate activation ranges.' },
    batch: { ...COUNT, default: 500, description: 'Images per evaluation batch.' },
    ...calibratedOperands('evaluation.calibration'),
  }),
  calibrations: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      additionalProperties: false,
      properties: {
        samples: { ...COUNT, description: 'Number of training images that calibrate activation ranges.' },
        batch: { ...COUNT, description: 'Images per batch of calibration.' },
        ...calibratedOperands('evaluation.calibrations.<name>'),
      },
    },
    description:
      'Further calibrations by name, for precisions such as w4a4@clipped; what one does not set is that of `calibration`.',
  },
  assigner: plugin('evaluation.assigner'),
});

function calibratedOperands(calibration: 'evaluation.calibration' | 'evaluation.calibrations.<name>') {
  const operand = (name: 'weights' | 'activations') =>
    ({
      type: 'object',
      additionalProperties: false,
      properties: {
        quantizer: optionalPlugin(`${calibration}.${name}.quantizer`),
        observer: optionalPlugin(`${calibration}.${name}.observer`),
      },
      description: `Quantization of ${name} in evaluation.`,
    }) as const;
  return { weights: operand('weights'), activations: operand('activations') };
}
