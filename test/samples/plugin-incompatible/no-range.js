const options = { type: 'object', additionalProperties: false, properties: {} };
export const plugins = [{ kind: 'observer', name: 'no-range', summary: 'One.', core: 'nine', options, create: () => ({}) }];
