const options = { type: 'object', additionalProperties: false, properties: {} };
export const plugins = [{ kind: 'method', name: 'simsiam', summary: 'Again.', options, create: () => ({}) }];
