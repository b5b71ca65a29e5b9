const options = {
  type: 'object',
  additionalProperties: false,
  properties: { text: { type: 'string', description: 'Any text.', default: '' }, more: { type: 'boolean', description: 'More.', default: false } },
};
export const plugins = [{ kind: 'method', name: 'mine', summary: 'Mine.', core: '^0.1.0', options, create: () => ({}) }];
