"""The training step of SSQL-SimSiam in PyTorch, to measure ours against (Cao et al., ECCV 2022).

ResNet-18 with the CIFAR stem: a float pass of both views, which observes the ranges, a pass of both views at drawn bit widths
with the same weights, one backward pass through all four, one step of SGD. The two views are different tensors of normal numbers, as large
as augmented and normalized images, drawn once: no augmentation is timed here. Prints a line after each step, waits for one, and
ends with one JSON object.
"""

import argparse
import json
import math
import os
import resource
import sys
import time
from random import Random
from typing import NamedTuple, Optional

import torch
from torch import nn
from torch.nn import functional as F


class Bits(NamedTuple):
    weights: int
    activations: int


STEM = Bits(8, 8)
PROJECTOR_WEIGHTS = 8
WEIGHT_BITS = range(2, 9)
ACTIVATION_BITS = range(4, 9)


class FakeQuantize(torch.autograd.Function):
    """Asymmetric, per tensor; scale and zero point are constants. The gradient passes where the rounded code is in range."""

    @staticmethod
    def forward(ctx, x, scale, zero_point, top):
        codes = (x / scale).round_().add_(zero_point)
        ctx.save_for_backward((codes >= 0) & (codes <= top))
        return codes.clamp_(0, top).sub_(zero_point).mul_(scale)

    @staticmethod
    def backward(ctx, gradient):
        (in_range,) = ctx.saved_tensors
        return gradient * in_range, None, None, None


class FakeQuantizeWeight(torch.autograd.Function):
    """Symmetric, per output channel, codes in [-2^(b-1), 2^(b-1)-1]; gradients reach the weight and its scale."""

    @staticmethod
    def forward(ctx, weight, scale, bits):
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        ratio = weight / scale
        codes = ratio.round()
        in_range = (codes >= low) & (codes <= high)
        codes.clamp_(low, high)
        ctx.save_for_backward(in_range, codes - ratio.mul_(in_range))
        return codes.mul_(scale)

    @staticmethod
    def backward(ctx, gradient):
        in_range, scale_slope = ctx.saved_tensors
        scale_gradient = (gradient * scale_slope).sum(dim=tuple(range(1, gradient.dim())), keepdim=True)
        return gradient * in_range, scale_gradient, None


def fake_quantize_weight(weight, bits):
    """The scale follows from the largest weight of each output channel, and is differentiable."""
    largest = weight.abs().amax(dim=tuple(range(1, weight.dim())), keepdim=True)
    return FakeQuantizeWeight.apply(weight, largest / ((2**bits - 1) / 2), bits)


class Site(nn.Module):
    """The quantization site of an output. A float pass widens its range; a quantized pass uses it."""

    def __init__(self):
        super().__init__()
        self.reset()

    def reset(self):
        self.min: Optional[torch.Tensor] = None
        self.max: Optional[torch.Tensor] = None

    def forward(self, x, bits: Optional[Bits]):
        if bits is None:
            low, high = x.detach().aminmax()
            self.min = low if self.min is None else torch.minimum(self.min, low)
            self.max = high if self.max is None else torch.maximum(self.max, high)
            return x
        top = 2**bits.activations - 1
        scale = (self.max - self.min) / top
        return FakeQuantize.apply(x, scale, -torch.round(self.min / scale), top)


class ConvolutionNorm(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x, bits: Optional[Bits]):
        layer = self.convolution
        weight = layer.weight if bits is None else fake_quantize_weight(layer.weight, bits.weights)
        return self.norm(F.conv2d(x, weight, None, layer.stride, layer.padding))


class Block(nn.Module):
    """A basic residual block. The outputs of its second convolution and of its shortcut stay float."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = ConvolutionNorm(inputs, outputs, 3, stride)
        self.second = ConvolutionNorm(outputs, outputs, 3, 1)
        self.shortcut = ConvolutionNorm(inputs, outputs, 1, stride) if stride != 1 or inputs != outputs else None
        self.inner_site, self.output_site = Site(), Site()

    def forward(self, x, bits: Optional[Bits]):
        y = self.inner_site(F.relu(self.first(x, bits), inplace=True), bits)
        y = self.second(y, bits)
        y = y + (x if self.shortcut is None else self.shortcut(x, bits))
        return self.output_site(F.relu(y, inplace=True), bits)


class Encoder(nn.Module):
    """ResNet-18 with the CIFAR stem, and a projector of three layers whose last batch norm has no affine parameters."""

    def __init__(self, width=2048):
        super().__init__()
        self.stem, self.stem_site = ConvolutionNorm(3, 64, 3, 1), Site()
        self.blocks = nn.ModuleList()
        inputs = 64
        for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
            self.blocks.extend([Block(inputs, outputs, stride), Block(outputs, outputs, 1)])
            inputs = outputs
        self.linears = nn.ModuleList(nn.Linear(n, width, bias=False) for n in (inputs, width, width))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width, affine=affine) for affine in (True, True, False))

    def forward(self, images, bits: Optional[Bits]):
        stem_bits = None if bits is None else STEM
        x = self.stem_site(F.relu(self.stem(images, stem_bits), inplace=True), stem_bits)
        for block in self.blocks:
            x = block(x, bits)
        x = x.mean(dim=(2, 3))
        for index, (linear, norm) in enumerate(zip(self.linears, self.norms)):
            weight = linear.weight if bits is None else fake_quantize_weight(linear.weight, PROJECTOR_WEIGHTS)
            x = norm(F.linear(x, weight))
            if index < 2:
                x = F.relu(x, inplace=True)
        return x


def negative_cosine(p, z):
    return -F.cosine_similarity(p, z.detach(), dim=1).mean()


def objective(encoder, predictor, views, bits):
    """L = (L_f + L_q) / 2: float and quantized predictions against the same float targets."""
    for module in encoder.modules():
        if isinstance(module, Site):
            module.reset()
    z1, z2 = (encoder(view, None) for view in views)
    q1, q2 = (encoder(view, bits) for view in views)
    float_loss = (negative_cosine(predictor(z1), z2) + negative_cosine(predictor(z2), z1)) / 2
    quantized_loss = (negative_cosine(predictor(q1), z2) + negative_cosine(predictor(q2), z1)) / 2
    return (float_loss + quantized_loss) / 2


def draw_bits(random, step):
    """Bit widths of a step. Those of the first two differ, so that torch.compile sees in the warm-up that they change."""
    if step < 2:
        return (Bits(8, 7), Bits(4, 5))[step]
    return Bits(random.choice(WEIGHT_BITS), random.choice(ACTIVATION_BITS))


def measure(mode, batch, steps, threads, warm_ups):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    random = Random(0)
    encoder = Encoder().to(memory_format=torch.channels_last).train()
    predictor = nn.Sequential(
        nn.Linear(2048, 2048, bias=False), nn.BatchNorm1d(2048), nn.ReLU(inplace=True), nn.Linear(2048, 2048)
    ).train()
    parameters = [*encoder.parameters(), *predictor.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9, weight_decay=5e-4)
    views = [torch.randn(batch, 3, 32, 32).contiguous(memory_format=torch.channels_last) for _ in range(2)]
    loss_of = torch.compile(objective) if mode == "compiled" else objective
    seconds = []
    for step in range(warm_ups + steps):
        bits = draw_bits(random, step)
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=mode == "autocast"):
            loss = loss_of(encoder, predictor, views, bits)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        value = loss.item()
        seconds.append(time.perf_counter() - start)
        if not math.isfinite(value):
            sys.exit(f"the loss is {value}")
        print("step", step + 1, flush=True)
        sys.stdin.readline()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds[warm_ups:], "peakBytes": peak if sys.platform == "darwin" else peak * 1024}


def main():
    parser = argparse.ArgumentParser(description="Measure a PyTorch training step of SSQL-SimSiam.")
    parser.add_argument("--mode", choices=("eager", "compiled", "autocast"), default="eager")
    parser.add_argument("--batch", type=int, default=64, help="images per step, two views each")
    parser.add_argument("--steps", type=int, default=20, help="measured steps")
    parser.add_argument("--warm-ups", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    try:
        print(json.dumps(measure(**vars(arguments))))
    except RuntimeError as error:  # also what torch.compile raises without a C++ compiler
        sys.exit(str(error).strip().split("\n")[0])


if __name__ == "__main__":
    main()
