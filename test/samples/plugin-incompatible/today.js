const options = { type: 'object', additionalProperties: false, properties: {} };
export const plugins = [{ kind: 'observer', name: 'today', summary: 'One.', core: '^0.1.0', options, create: () => ({}) }];
