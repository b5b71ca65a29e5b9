const quantizer = {
  kind: "quantizer",
  name: "ternary",
  summary: "Three levels.",
  serves: { bits: { min: 2, max: 2 } },
  options: { type: "object", additionalProperties: false, properties: {} },
  create: () => ({ granularity: "tensor", fakeQuantize: (x) => x }),
};
export const plugins = [quantizer];
