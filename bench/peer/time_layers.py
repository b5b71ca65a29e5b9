"""Times layers alone in PyTorch, channels_last. The argument is a LayerJob of ../peak.ts; prints the least seconds of each layer."""

import json
import sys
import time

import torch
from torch.nn import functional as F

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def least_seconds(compute, rounds):
    compute()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        compute()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def directions_of(layer, batch, dtype):
    """The forward pass of a layer and its two gradients, as functions."""

    def normal(*shape):
        tensor = torch.randn(*shape).to(dtype)
        return tensor.contiguous(memory_format=torch.channels_last) if len(shape) == 4 else tensor

    if layer["kind"] == "linear":
        x, w, dy = (
            normal(batch, layer["width"]),
            normal(layer["units"], layer["width"]),
            normal(batch, layer["units"]),
        )
        return {"forward": lambda: x @ w.T, "inputGradient": lambda: dy @ w, "weightGradient": lambda: dy.T @ x}

    height, width, channels = layer["input"]
    stride, padding = [layer["stride"]] * 2, [layer["padding"]] * 2
    x = normal(batch, channels, height, width)
    w = normal(layer["filters"], channels, layer["kernel"], layer["kernel"])
    dy = torch.randn_like(F.conv2d(x, w, None, stride, padding))

    def gradient(mask):
        return lambda: torch.ops.aten.convolution_backward(
            dy, x, w, None, stride, padding, [1, 1], False, [0, 0], 1, mask
        )

    return {
        "forward": lambda: F.conv2d(x, w, None, stride, padding),
        "inputGradient": gradient([True, False, False]),
        "weightGradient": gradient([False, True, False]),
    }


def main():
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    results = []
    for layer in job["layers"]:
        computes = directions_of(layer, job["batch"], PRECISIONS[job["precision"]])
        results.append({name: least_seconds(compute, job["rounds"]) for name, compute in computes.items()})
    print(json.dumps(results))


if __name__ == "__main__":
    main()
