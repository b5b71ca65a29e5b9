const made = { granularity: "tensor", fakeQuantize: (x) => x };
const quantizer = (name, serves) => ({
  kind: "quantizer",
  name,
  summary: "For a few widths or operands.",
  serves,
  options: { type: "object", additionalProperties: false, properties: {} },
  create: () => made,
});
export const plugins = [
  quantizer("clipped", { operands: ["activations"] }),
  quantizer("ternary", { bits: { min: 2, max: 2 } }),
];
