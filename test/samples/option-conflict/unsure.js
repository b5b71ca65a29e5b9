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
];
