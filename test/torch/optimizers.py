"""What torch.optim.AdamW and clip_grad_norm_ compute in four steps, as JSON: optimizers.json.

    python optimizers.py
"""

import json
import pathlib

import torch

SHAPES = {"weight": (2, 3), "bias": (3,)}
LEARNING_RATES = [0.1, 0.05, 0.1, 0.02]


def values(shape, seed):
    """Multiples of 1/8 from -2 to 2, the same in every language."""
    count = torch.Size(shape).numel()
    return torch.tensor([((7 * i + 5 * seed) % 33 - 16) / 8 for i in range(count)]).reshape(shape)


def adamw(weight_decay, clip):
    parameters = {
        name: torch.nn.Parameter(values(shape, index)) for index, (name, shape) in enumerate(SHAPES.items())
    }
    optimizer = torch.optim.AdamW(parameters.values(), lr=1, betas=(0.9, 0.99), eps=1e-3, weight_decay=weight_decay)
    steps = []
    for step, rate in enumerate(LEARNING_RATES):
        for index, parameter in enumerate(parameters.values()):
            parameter.grad = values(parameter.shape, 10 * step + index + 3)
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters.values(), clip)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        steps.append({name: parameter.detach().flatten().tolist() for name, parameter in parameters.items()})
    return {"weightDecay": weight_decay, "clipNorm": clip, "steps": steps}


cases = [adamw(0, None), adamw(0.3, None), adamw(0.3, 1.5)]
reference = {
    "torch": torch.__version__,
    "shapes": SHAPES,
    "learningRates": LEARNING_RATES,
    "beta1": 0.9,
    "beta2": 0.99,
    "epsilon": 1e-3,
    "adamw": cases,
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=2) + "\n")
