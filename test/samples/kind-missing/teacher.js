const options = {
  type: "object",
  additionalProperties: false,
  properties: { layers: { type: "integer", minimum: 1, description: "How many.", default: 3 } },
};
const none = { type: "object", additionalProperties: false, properties: {} };
const create = () => ({});
export const plugins = [
  { kind: "teacher", name: "resnet-teacher", summary: "Knows it all.", options, create },
  { kind: "teacher", name: "mean-teacher", summary: "Follows.", options: none, create },
  { kind: "method", name: "distil", summary: "Learns from the teacher.", options: none, needs: ["teacher"], create },
];
