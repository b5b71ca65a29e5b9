import { AttributeKind, DataType, type Attribute } from './attributes.js';
import type { Graph } from './graph.js';
import type { GraphOutput, Pointer } from './library.js';
import { codeTracker, type ScaledCodes } from './scaled-codes.js';

/** How an operation computes in a bfloat16 graph. Operations that are not listed compute in float32. */
interface Rule {
  /** The inputs of the operation's type `T`. */
  readonly typed: readonly number[];
  /** The inputs that decide: it computes in bfloat16 if they are bfloat16 already. Without this, it always does. */
  readonly if?: readonly number[];
  /** The name of the attribute that holds the type. */
  readonly attribute?: 'Tparams';
  /** The result is widened to float32 at once: gradients of weights and small matrix products are summed in float32. */
  readonly widened?: true;
}

/**
 * Convolutions and matrix products compute in bfloat16; what lies between them stays in bfloat16. The operations are those that the kernels
 * of tfjs-node and `NeuralOps` record. The first output of each is the one of the type.
 */
const RULES: { readonly [operation: string]: Rule } = {
  Conv2D: { typed: [0, 1] },
  Conv2DBackpropInput: { typed: [1, 2] },
  Conv2DBackpropFilter: { typed: [0, 2], widened: true },
  BatchMatMulV2: { typed: [0, 1], widened: true },
  FusedBatchNormV3: { typed: [0], if: [0] },
  FusedBatchNormGradV3: { typed: [0, 1], if: [1] },
  Relu: { typed: [0], if: [0] },
  ReluGrad: { typed: [0, 1], if: [1] },
  Relu6: { typed: [0], if: [0] },
  Relu6Grad: { typed: [0, 1], if: [1] },
  Add: { typed: [0, 1], if: [0, 1] },
  MaxPool: { typed: [0], if: [0] },
  MaxPoolGrad: { typed: [0, 1, 2], if: [0] },
  Reshape: { typed: [0], if: [0] },
  Slice: { typed: [0], if: [0] },
  PadV2: { typed: [0, 2], if: [0] },
  GatherV2: { typed: [0], if: [0], attribute: 'Tparams' },
};

/**
 * A graph that records operations in mixed precision: convolutions and matrix products take bfloat16 operands and accumulate in float32,
 * activations between them stay bfloat16, everything else computes in float32 (as in Micikevicius et al., arXiv 1710.03740, without
 * loss scaling, because bfloat16 has the range of float32). Convolutions of integer codes are exact; their scales are multiplied behind
 * them, in float32. tfjs has no bfloat16: to its kernels all these tensors are float32.
 */
export function autocast(graph: Graph): Graph {
  const converted = new Map<string, GraphOutput>();
  const narrowedFrom = new Map<string, GraphOutput>();
  const convert = (output: GraphOutput, type: number): GraphOutput => {
    const from = graph.type(output);
    if (from === type || ![DataType.float32, DataType.bfloat16].includes(from as 1 | 14)) return output;
    const known = converted.get(keyOf(output, type));
    if (known !== undefined) return known;
    const oper = graph.operation('Cast', [typed('SrcT', from), typed('DstT', type)], [output], 'cast');
    const result = { oper, index: 0 };
    converted.set(keyOf(output, type), result);
    // Narrowing a widened tensor again gives the tensor that was widened.
    if (type === DataType.float32) converted.set(keyOf(result, from), output);
    else narrowedFrom.set(keyOf(result, from), output);
    return result;
  };
  const widened = (output: GraphOutput): GraphOutput => convert(output, DataType.float32);
  const tracker = codeTracker();
  const record: Graph['operation'] = (name, attributes, inputs, call) => {
    const oper = graph.operation(name, attributes, inputs, call);
    tracker.record(name, inputs, { oper, index: 0 });
    return oper;
  };
  /** The codes of an operand, which may have been narrowed. The shape of their scale is 1 but for the last axis, or `scalar`. */
  const codesOf = (operand: GraphOutput, scalar: boolean): ScaledCodes | undefined => {
    const scaled = tracker.of(narrowedFrom.get(keyOf(operand, DataType.float32)) ?? operand);
    if (scaled === undefined) return undefined;
    const shape = graph.shape(scaled.scale);
    return shape.slice(0, scalar ? shape.length : -1).every((size) => size === 1) ? scaled : undefined;
  };
  const multiply = (first: GraphOutput, second: GraphOutput): GraphOutput => ({
    oper: graph.operation('Mul', [typed('T', DataType.float32)], [first, second], 'mul'),
    index: 0,
  });

  const operation: Graph['operation'] = (name, attributes, inputs, call): Pointer => {
    if (isNarrowing(name, attributes)) return convert(inputs[0]!, DataType.bfloat16).oper;
    const rule = RULES[name];
    const narrow =
      rule !== undefined && (rule.if ?? []).every((index) => graph.type(inputs[index]!) === DataType.bfloat16);
    if (!narrow) return record(name, attributes, inputs.map(widened), call);
    const image = name.startsWith('Conv2D') ? codesOf(inputs[0]!, true) : undefined;
    const filter = image && name === 'Conv2D' ? codesOf(inputs[1]!, false) : undefined;
    if (image && filter) {
      const result = { oper: operation(name, attributes, [image.codes, filter.codes], call), index: 0 };
      const scaled = multiply(widened(result), multiply(image.scale, filter.scale));
      return convert(scaled, DataType.bfloat16).oper;
    }
    if (image && name === 'Conv2DBackpropFilter') {
      const gradient = operation(name, attributes, [image.codes, ...inputs.slice(1)], call);
      return multiply({ oper: gradient, index: 0 }, image.scale).oper;
    }
    const operands = inputs.map((input, index) =>
      rule.typed.includes(index) ? convert(input, DataType.bfloat16) : widened(input),
    );
    const typedAttributes = attributes.map((attribute) =>
      attribute.name === (rule.attribute ?? 'T') ? typed(attribute.name, DataType.bfloat16) : attribute,
    );
    const oper = graph.operation(name, typedAttributes, operands, call);
    return rule.widened ? widened({ oper, index: 0 }).oper : oper;
  };

  return {
    ...graph,
    get operations() {
      return graph.operations;
    },
    operation,
    result: widened,
  };
}

/** A cast that asks for bfloat16; it may have been made before. */
function isNarrowing(name: string, attributes: readonly Attribute[]): boolean {
  return (
    name === 'Cast' &&
    attributes.some((attribute) => attribute.name === 'DstT' && attribute.value === DataType.bfloat16)
  );
}

function typed(name: string, value: number): Attribute {
  return { name, type: AttributeKind.type, value };
}

function keyOf({ oper, index }: GraphOutput, type: number): string {
  return `${oper} ${index} ${type}`;
}
