const options = { type: 'object', additionalProperties: false, properties: {} };

export const plugins = [
  {
    kind: 'schedule',
    name: 'unsure',
    summary: 'Its check fails.',
    options,
    check: () => options.missing.length,
    create: () => ({ factor: () => 1 }),
  },
  {
    kind: 'sampler',
    name: 'late',
    summary: 'Its check is asynchronous.',
    options,
    check: async () => {
      throw new Error('too late');
    },
    create: () => ({ draw: () => ({ weights: 8, activations: 8 }) }),
  },
];
