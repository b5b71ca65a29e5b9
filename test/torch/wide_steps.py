"""One SSQL training step (SimSiam) of a ResNet of full width (64) and two blocks, written from the description of the official code in
test/golden: losses, gradients, updated weights and running statistics of one step of SGD, in float32. Images and weights are those of a
recipe (test/golden/recipe.ts). The images are picked: none of the values that are rounded or rectified lies so near to a boundary that the
float noise of another implementation could decide.

    python wide_steps.py                  writes wide_steps.json anew
    python wide_steps.py --pick [CASE]    looks for images with a larger margin, and prints which
"""

import json
import math
import pathlib
import sys

import torch
from torch.nn.functional import batch_norm, conv2d, linear, relu

from recipe import recipe

WIDTHS, DIM, HIDDEN = (64, 128), 32, 16
BATCH, SIDE = 4, 6
LR, MOMENTUM, WEIGHT_DECAY = 0.05, 0.9, 5e-4

# Bits of weights and of activations. `signed` also quantizes the outputs before the ReLU.
STEM = {"conv1": (8, 8)}
BEFORE_RELU = ["layer1.0.conv2", "layer2.0.conv2", "layer2.0.downsample.0"]
CASES = {
    "w2a4": {"bits": (2, 4), "signed": False, "images": 422},
    "signed w3a4": {"bits": (3, 4), "signed": True, "images": 2260},
    "signed w5a3": {"bits": (5, 3), "signed": True, "images": 2324},
}


class Round(torch.autograd.Function):
    """Half to even; the gradient passes as if nothing were rounded."""

    @staticmethod
    def forward(context, x):
        return x.round()

    @staticmethod
    def backward(context, gradient):
        return gradient


class Clamp(torch.autograd.Function):
    """The gradient passes within the bounds and on them; `torch.clamp` passes none, half or all of it on them, by its version."""

    @staticmethod
    def forward(context, x, lowest, highest):
        context.save_for_backward((x >= lowest) & (x <= highest))
        return x.clamp(lowest, highest)

    @staticmethod
    def backward(context, gradient):
        (within,) = context.saved_tensors
        return gradient * within, None, None


def shapes():
    result = {"conv1.weight": (WIDTHS[0], 3, 3, 3)}

    def norm(name, units):
        result[f"{name}.weight"] = result[f"{name}.bias"] = (units,)

    norm("bn1", WIDTHS[0])
    for stage, (inputs, units) in enumerate(((WIDTHS[0], WIDTHS[0]), WIDTHS), 1):
        block = f"layer{stage}.0"
        result[f"{block}.conv1.weight"] = (units, inputs, 3, 3)
        norm(f"{block}.bn1", units)
        result[f"{block}.conv2.weight"] = (units, units, 3, 3)
        norm(f"{block}.bn2", units)
        if inputs != units:
            result[f"{block}.downsample.0.weight"] = (units, inputs, 1, 1)
            norm(f"{block}.downsample.1", units)
    result["projector.0.weight"] = (DIM, WIDTHS[1])
    norm("projector.1", DIM)
    result["projector.3.weight"] = (DIM, DIM)
    norm("projector.4", DIM)
    result["projector.6.weight"] = (DIM, DIM)
    result["projector.6.bias"] = (DIM,)
    result["predictor.0.weight"] = (HIDDEN, DIM)
    norm("predictor.1", HIDDEN)
    result["predictor.3.weight"] = (DIM, HIDDEN)
    result["predictor.3.bias"] = (DIM,)
    return result


def initial(name, shape):
    if len(shape) > 1:
        return recipe(f"torch/wide/{name}", shape, scale=math.sqrt(6 / math.prod(shape[1:])))
    if name.endswith("weight"):
        return recipe(f"torch/wide/{name}", shape, scale=0.2, offset=1.0)
    return recipe(f"torch/wide/{name}", shape, scale=0.1)


class TooNear(Exception):
    """A value lies nearer to a boundary than it may."""


class Step:
    """A step: float passes, which observe, then quantized ones."""

    def __init__(self, case, least=0):
        self.case = CASES[case]
        self.least = least
        self.parameters = {name: initial(name, shape) for name, shape in shapes().items()}
        for name, parameter in self.parameters.items():
            parameter.requires_grad_(name != "projector.6.bias")  # frozen: a batch norm follows
        self.statistics = {}
        self.ranges = {}
        self.quantized = False
        self.margin = math.inf

    def note(self, margin):
        """The distance of a value from a boundary, as a share of the range. Zeros are zeros in every implementation."""
        self.margin = min(self.margin, margin)
        if self.margin < self.least:
            raise TooNear

    def bits(self, site, operand):
        if site.startswith("projector."):
            return (8, None)[operand]
        if operand == 1 and site in BEFORE_RELU and not self.case["signed"]:
            return None
        return STEM.get(site, self.case["bits"])[operand]

    def weight(self, layer):
        """Symmetric, for each output channel; the scale belongs to the live weights."""
        weight = self.parameters[f"{layer}.weight"]
        if not self.quantized or layer.startswith("predictor."):
            return weight
        bits = self.bits(layer, 0)
        largest = weight.abs().amax(tuple(range(1, weight.dim())), keepdim=True)
        scale = largest / ((2**bits - 1) / 2)
        codes = Clamp.apply(Round.apply(weight / scale), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return codes * scale

    def output(self, x, site):
        """Asymmetric, for the whole tensor; the range is that of both float passes, a constant."""
        bits = self.bits(site, 1)
        if bits is None:
            return x
        if not self.quantized:
            low, high = self.ranges.get(site, (math.inf, -math.inf))
            values = x.detach()
            self.ranges[site] = (min(low, values.min().item()), max(high, values.max().item()))
            return x
        low, high = (torch.tensor(end) for end in self.ranges[site])
        scale = (high - low) / (2**bits - 1)
        zero_point = -torch.round(low / scale)
        quotient = (x / scale).detach()
        from_boundary = ((quotient - torch.floor(quotient)) - 0.5).abs()[quotient != 0].min().item()
        self.note(from_boundary / (2**bits - 1))
        codes = Clamp.apply(Round.apply(x / scale) + zero_point, 0, 2**bits - 1)
        return (codes - zero_point) * scale

    def norm(self, x, name, affine=True):
        mean, variance = self.statistics.setdefault(name, (torch.zeros(x.shape[1]), torch.ones(x.shape[1])))
        scale, shift = (self.parameters.get(f"{name}.{end}") if affine else None for end in ("weight", "bias"))
        return batch_norm(x, mean, variance, scale, shift, training=True, momentum=0.1, eps=1e-5)

    def relu(self, x):
        values = x.detach().abs()
        self.note((values[values != 0].min() / values.max()).item())
        return relu(x)

    def convolution(self, x, layer, norm, stride=1):
        weight = self.weight(layer)
        return self.norm(conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2), norm)

    def block(self, x, name, stride):
        y = self.output(self.relu(self.convolution(x, f"{name}.conv1", f"{name}.bn1", stride)), f"{name}.conv1")
        y = self.output(self.convolution(y, f"{name}.conv2", f"{name}.bn2"), f"{name}.conv2")
        if stride > 1:
            x = self.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride)
            x = self.output(x, f"{name}.downsample.0")
        return self.output(self.relu(y + x), name)

    def encode(self, x):
        x = self.output(self.relu(self.convolution(x, "conv1", "bn1")), "conv1")
        x = self.block(self.block(x, "layer1.0", 1), "layer2.0", 2).mean((2, 3))
        x = self.relu(self.norm(linear(x, self.weight("projector.0")), "projector.1"))
        x = self.relu(self.norm(linear(x, self.weight("projector.3")), "projector.4"))
        x = linear(x, self.weight("projector.6"), self.parameters["projector.6.bias"])
        return self.norm(x, "projector.7", affine=False)

    def predict(self, z):
        hidden = self.relu(self.norm(linear(z, self.weight("predictor.0")), "predictor.1"))
        return linear(hidden, self.weight("predictor.3"), self.parameters["predictor.3.bias"])

    def losses(self, views):
        """The float loss and the quantized loss, both against float targets."""
        z = [self.encode(view) for view in views]
        p = [self.predict(of_view) for of_view in z]
        self.quantized = True
        quantized = [self.predict(of_view) for of_view in [self.encode(view) for view in views]]
        targets = [z[1].detach(), z[0].detach()]
        return negative_cosine(p, targets), negative_cosine(quantized, targets)


def negative_cosine(predictions, targets):
    def unit(x):
        return x / x.norm(dim=1, keepdim=True).clamp(min=1e-8)

    return -sum((unit(p) * unit(z)).sum(1).mean() for p, z in zip(predictions, targets)) / 2


def images(case, number):
    return [recipe(f"torch/wide/{case}/{number}/{view}", (BATCH, 3, SIDE, SIDE), scale=2.0) for view in (1, 2)]


def summary(tensor):
    values = tensor.detach().flatten()
    spaced = [k * (len(values) - 1) // 7 for k in range(8)]
    return {
        "shape": list(tensor.shape),
        "l2norm": rounded(values.double().norm().item()),
        "spaced8": [rounded(values[index].item()) for index in spaced],
    }


def rounded(value):
    return float(f"{value:.7g}")


def train(case):
    step = Step(case)
    float_loss, quantized_loss = step.losses(images(case, CASES[case]["images"]))
    loss = (float_loss + quantized_loss) / 2
    loss.backward()
    velocities, weights = {}, {}
    for name, parameter in step.parameters.items():
        if parameter.grad is not None:
            # The velocity of the first step; MOMENTUM multiplies one of zeros.
            velocity = MOMENTUM * torch.zeros_like(parameter) + parameter.grad + WEIGHT_DECAY * parameter.detach()
            velocities[name] = summary(velocity)
            weights[name] = rounded((parameter.detach() - LR * velocity).double().norm().item())
    statistics = {
        f"{name}.{end}": summary(tensor)
        for name, tensors in step.statistics.items()
        for end, tensor in zip(("running_mean", "running_var"), tensors)
    }
    losses = {"loss": loss, "float": float_loss, "quantized": quantized_loss}
    return {
        **CASES[case],
        "margin": float(f"{step.margin:.2g}"),
        "losses": {name: rounded(value.item()) for name, value in losses.items()},
        "velocities": velocities,
        "weightNorms": weights,
        "statistics": statistics,
    }


def pick(case, tries=4000):
    best = 0
    with torch.no_grad():
        for number in range(tries):
            step = Step(case, least=best)
            try:
                step.losses(images(case, number))
            except TooNear:
                continue
            best = step.margin
            print(f"{case}: images {number} have a margin of {best:.2g}", flush=True)


torch.set_num_threads(1)
if sys.argv[1:2] == ["--pick"]:
    for case in sys.argv[2:] or CASES:
        pick(case)
else:
    optimizer = {"lr": LR, "momentum": MOMENTUM, "weightDecay": WEIGHT_DECAY}
    network = {"widths": WIDTHS, "dim": DIM, "predictorHidden": HIDDEN, "batch": BATCH, "side": SIDE}
    results = {case: train(case) for case in CASES}
    text = json.dumps({"torch": torch.__version__, "network": network, "optimizer": optimizer, "cases": results})
    (pathlib.Path(__file__).parent / "wide_steps.json").write_text(text + "\n")
