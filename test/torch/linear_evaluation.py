"""The linear evaluation of the paper's official code, in PyTorch, on the frozen weights of a run: what test/torch/linear-evaluation.ts compares
ours with. Written from the description of the official code, with PyTorch and the standard library only.

    python linear_evaluation.py FOLDER     settings.json, images and weights of FOLDER -> accuracies as JSON on stdout
"""

import json
import math
import pathlib
import random
import struct
import sys

import torch
from torch.nn.functional import conv2d, cross_entropy, interpolate

torch.set_num_threads(1)


def safetensors(file):
    data = file.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, end = (8 + length + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[first:end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def images_of(folder, name, settings):
    data = (folder / f"{name}.images").read_bytes()
    height, width, channels = settings["shape"]
    pixels = torch.frombuffer(bytearray(data), dtype=torch.uint8).reshape(-1, height, width, channels)
    labels = torch.frombuffer(bytearray((folder / f"{name}.labels").read_bytes()), dtype=torch.uint8)
    return pixels.permute(0, 3, 1, 2).float() / 255, labels.long()


def random_resized_crop(image, generator, scale, ratio=(3 / 4, 4 / 3)):
    """As torchvision.transforms.RandomResizedCrop, bilinear with antialias."""
    _, height, width = image.shape
    for _ in range(10):
        area = height * width * generator.uniform(*scale)
        aspect = math.exp(generator.uniform(math.log(ratio[0]), math.log(ratio[1])))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            top, left = generator.randint(0, height - h), generator.randint(0, width - w)
            break
    else:
        top, left, h, w = 0, 0, height, width  # of a square image, whose aspect ratio is in range
    box = image[None, :, top : top + h, left : left + w]
    return interpolate(box, (height, width), mode="bilinear", antialias=True)[0]


def view_of(image, generator):
    crop = random_resized_crop(image, generator, (0.8, 1))
    return crop.flip(2) if generator.random() < 0.5 else crop


def test_views(images):
    """Resize to 8/7 and center crop."""
    height, width = images.shape[2:]
    larger = [height * 8 // 7, width * 8 // 7]
    resized = interpolate(images, larger, mode="bilinear", antialias=True)
    top, left = round((larger[0] - height) / 2), round((larger[1] - width) / 2)
    return resized[:, :, top : top + height, left : left + width]


def quantized_weight(weight, bits):
    """Symmetric, a scale for each output channel."""
    largest = weight.abs().flatten(1).max(1).values.view(-1, 1, 1, 1)
    scale = largest / ((2**bits - 1) / 2)
    return torch.clamp(torch.round(weight / scale), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) * scale


def quantized_output(x, low, high, bits):
    """Asymmetric, one scale for the tensor."""
    scale = (high - low) / (2**bits - 1)
    zero = -torch.round(low / scale)
    return (torch.clamp(torch.round(x / scale) + zero, 0, 2**bits - 1) - zero) * scale


class Encoder:
    """A frozen ResNet of basic blocks with a CIFAR stem, pinned as in the official configuration: the stem at 8 bits, the outputs of the last
    convolution of each branch and of shortcuts float."""

    def __init__(self, weights, stem_stride):
        self.weights, self.stem_stride = weights, stem_stride
        self.ranges = {}

    def features(self, x, weight_bits, activation_bits, observes=False):
        w = self.weights
        quantized = weight_bits is not None

        def conv(x, name, norm, stride, padding):
            bits = 8 if name == "conv1" else weight_bits
            weight = quantized_weight(w[f"{name}.weight"], bits) if quantized else w[f"{name}.weight"]
            x = conv2d(x, weight, stride=stride, padding=padding)
            mean, variance, gamma, beta = (w[f"{norm}.{part}"].view(1, -1, 1, 1) for part in PARTS)
            return (x - mean) / torch.sqrt(variance + 1e-5) * gamma + beta

        def site(x, name):
            if observes:
                self.ranges[name] = (x.min(), x.max())
            if not quantized:
                return x
            return quantized_output(x, *self.ranges[name], 8 if name == "conv1" else activation_bits)

        x = site(conv(x, "conv1", "bn1", self.stem_stride, 1).relu(), "conv1")
        stage = 1
        while f"layer{stage}.0.conv1.weight" in w:
            block = 0
            while f"layer{stage}.{block}.conv1.weight" in w:
                name = f"layer{stage}.{block}"
                stride = 2 if stage > 1 and block == 0 else 1
                y = site(conv(x, f"{name}.conv1", f"{name}.bn1", stride, 1).relu(), f"{name}.conv1")
                y = conv(y, f"{name}.conv2", f"{name}.bn2", 1, 1)
                shortcut = x
                if f"{name}.downsample.0.weight" in w:
                    shortcut = conv(x, f"{name}.downsample.0", f"{name}.downsample.1", stride, 0)
                x = site((y + shortcut).relu(), name)
                block += 1
            stage += 1
        return x.mean((2, 3))


PARTS = ["running_mean", "running_var", "weight", "bias"]


@torch.no_grad()
def accuracy_by_precision(folder, settings, seed):
    train, train_labels = images_of(folder, "train", settings)
    test, test_labels = images_of(folder, "test", settings)
    mean, std = (torch.tensor(settings[key]).view(1, -1, 1, 1) for key in ("mean", "std"))
    encoder = Encoder(safetensors(folder / "weights.safetensors"), settings["stemStride"])
    generator, shuffled = random.Random(seed), torch.Generator().manual_seed(seed)
    batch, classes = settings["batch"], settings["classes"]
    precisions = {name: tuple(bits) for name, bits in settings["precisions"].items()}

    def views(indexes):
        return (torch.stack([view_of(train[index], generator) for index in indexes]) - mean) / std

    dimension = 0
    heads = {}
    for epoch in range(settings["epochs"]):
        rate = settings["lr"] * 0.1 ** sum(epoch >= milestone for milestone in settings["milestones"])
        order = torch.randperm(len(train), generator=shuffled)
        for first in range(0, len(train) - batch + 1, batch):
            indexes = order[first : first + batch]
            x = views(indexes)
            if epoch == 0 and first == 0:
                dimension = encoder.features(x, None, None, observes=True).shape[1]
                start = torch.randn(classes, dimension, generator=shuffled) * 0.01
                heads = {name: torch.nn.Linear(dimension, classes) for name in precisions}
                for head in heads.values():
                    head.weight.copy_(start)
                    head.bias.zero_()
                optimizers = {
                    name: torch.optim.SGD(head.parameters(), lr=rate, momentum=settings["momentum"])
                    for name, head in heads.items()
                }
            for name, bits in precisions.items():
                z = encoder.features(x, *bits)
                optimizer = optimizers[name]
                optimizer.param_groups[0]["lr"] = rate
                optimizer.zero_grad()
                with torch.enable_grad():
                    cross_entropy(heads[name](z), train_labels[indexes]).backward()
                optimizer.step()

    right = dict.fromkeys(precisions, 0)
    for first in range(0, len(test), batch):
        x = (test_views(test[first : first + batch]) - mean) / std
        for name, bits in precisions.items():
            guesses = heads[name](encoder.features(x, *bits)).argmax(1)
            right[name] += (guesses == test_labels[first : first + batch]).sum().item()
    return {name: 100 * count / len(test) for name, count in right.items()}


folder = pathlib.Path(sys.argv[1])
settings = json.loads((folder / "settings.json").read_text())
results = []
for seed in settings["seeds"]:
    results.append(accuracy_by_precision(folder, settings, seed))
    print(f"seed {seed}: {results[-1]}", file=sys.stderr)
print(json.dumps(results))
