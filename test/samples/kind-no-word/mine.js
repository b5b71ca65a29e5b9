const options = { type: "object", additionalProperties: false, properties: {} };
export const plugins = [{ kind: "a.b", name: "long", summary: "Trains long.", options, create: () => ({}) }];
