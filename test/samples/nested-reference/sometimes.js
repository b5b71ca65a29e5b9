const of = { type: "array", items: { plugin: "augmentation" }, minItems: 1, description: "What is applied." };
const box = {
  type: "object",
  additionalProperties: false,
  required: ["low"],
  properties: {
    low: { type: "number", description: "Least." },
    high: { type: "number", default: 1, description: "Most." },
  },
  description: "A range.",
};
const by = { type: "object", additionalProperties: { plugin: "augmentation" }, description: "Others by name." };
const create = () => ({ prepare: (output) => ({ output, draws: 0, draw: () => [], apply: (images) => images }) });
const options = { type: "object", additionalProperties: false, properties: { of: { ...of, default: ["plain"] }, box, by } };
export const plugins = [
  { kind: "augmentation", name: "sometimes", summary: "Applies others.", options, create },
  {
    kind: "augmentation",
    name: "plain",
    summary: "Has a default.",
    options: {
      type: "object",
      additionalProperties: false,
      properties: { p: { type: "number", maximum: 1, default: 0.5, description: "How often." } },
    },
    create,
  },
];
