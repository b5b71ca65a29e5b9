const quantizer = {
  kind: "quantizer",
  name: "clipped",
  summary: "Levels from zero up.",
  serves: { operands: ["activations"] },
  options: { type: "object", additionalProperties: false, properties: {} },
  create: () => ({ granularity: "tensor", fakeQuantize: (x) => x }),
};
export const plugins = [quantizer];
