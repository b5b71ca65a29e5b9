export const plugins = [
  {
    kind: 'method',
    name: 'odd',
    summary: 'Its schema has a keyword that there is not.',
    options: { type: 'object', additionalProperties: false, properties: { dim: { type: 'integer', min: 1 } } },
    create: () => ({}),
  },
];
