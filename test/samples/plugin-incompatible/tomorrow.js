const options = { type: 'object', additionalProperties: false, properties: {} };
export const plugins = [{ kind: 'observer', name: 'tomorrow', summary: 'One.', core: '^9.0.0', options, create: () => ({}) }];
