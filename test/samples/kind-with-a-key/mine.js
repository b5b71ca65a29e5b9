const options = { type: "object", additionalProperties: false, properties: {} };
export const plugins = [{ kind: "train", name: "long", summary: "Trains long.", options, create: () => ({}) }];
