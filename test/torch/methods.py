"""Three training steps of SwAV (arXiv 2006.09882) and DINO (arXiv 2104.14294) on a small network, written from the papers, in double
precision: losses, and all tensors after the last step. Images and weights are those of a recipe (test/golden/recipe.ts).

    python methods.py        writes methods.json anew
"""

import copy
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn.functional import log_softmax, normalize, softmax

from recipe import recipe

torch.set_default_dtype(torch.float64)

STEPS, BATCH = 3, 8
LR, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 5e-4


class Unit(nn.Module):
    def forward(self, x):
        return normalize(x, dim=1)


class WeightNorm(nn.Module):
    """A linear layer with weight g v / |v|, g = 1."""

    def __init__(self, inputs, units):
        super().__init__()
        self.weight_v = nn.Parameter(torch.empty(units, inputs))
        self.register_buffer("weight_g", torch.ones(units, 1))

    def forward(self, x):
        return x @ (self.weight_g * self.weight_v / self.weight_v.norm(dim=1, keepdim=True)).T


class Model(nn.Module):
    def __init__(self, projector, prototypes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.projector = nn.Sequential(*projector, Unit())
        self.prototypes = nn.Sequential(prototypes)
        for name, parameter in self.named_parameters():
            shape = tuple(parameter.shape)
            if name.endswith("bias"):
                kind = {"scale": 0.1}
            elif parameter.dim() == 1:
                kind = {"scale": 0.2, "offset": 1.0}
            else:
                kind = {"scale": math.sqrt(6 / math.prod(shape[1:]))}
            parameter.data = recipe(f"torch/methods/{name}", shape, **kind).double()

    def forward(self, x):
        return self.prototypes(self.projector(torch.relu(self.bn1(self.conv1(x))).mean((2, 3))))


def images(step, view):
    return recipe(f"torch/methods/images/{step}/{view}", (BATCH, 3, 8, 8)).double()


def swapped(log_probabilities, targets):
    terms = [
        -(target * prediction).sum(1).mean()
        for of, target in enumerate(targets)
        for view, prediction in enumerate(log_probabilities)
        if view != of
    ]
    return sum(terms) / len(terms)


def sinkhorn(scores, epsilon=0.05, iterations=3):
    """Equation 3: Q = diag(u) exp(C^T Z / epsilon) diag(v), with row sums 1/K and column sums 1/B."""
    q = torch.exp(scores / epsilon).T
    k, b = q.shape
    q = q / q.sum()
    for _ in range(iterations):
        q = q / q.sum(1, keepdim=True) / k
        q = q / q.sum(0, keepdim=True) / b
    return (q * b).T


def train(model, loss_of_step):
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    losses = []
    for step in range(STEPS):
        loss = loss_of_step(step)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:  # the prototypes are frozen
            for parameter in model.prototypes.parameters():
                parameter.grad = None
        optimizer.step()
        losses.append(loss.item())
    return losses


def swav(views):
    projector = [nn.Linear(4, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 5)]
    model = Model(projector, nn.Linear(5, 7, bias=False))

    def loss_of_step(step):
        with torch.no_grad():
            weight = model.prototypes[0].weight
            weight.copy_(normalize(weight, dim=1))
        scores = [model(images(step, view)) for view in range(views)]
        codes = [sinkhorn(view.detach()) for view in scores[:2]]
        return swapped([log_softmax(view / 0.1, 1) for view in scores], codes)

    return {"losses": train(model, loss_of_step), "tensors": tensors(model)}


def dino(views):
    projector = [nn.Linear(4, 6), nn.GELU(), nn.Linear(6, 6), nn.GELU(), nn.Linear(6, 5)]
    student = Model(projector, WeightNorm(5, 7))
    teacher = copy.deepcopy(student)
    center = torch.zeros(7)

    def loss_of_step(step):
        nonlocal center
        # The teacher follows before the passes of a step.
        momentum = 1 - (1 - 0.9) * (math.cos(math.pi * step / STEPS) + 1) / 2
        temperature = 0.04 + (0.07 - 0.04) * step / (STEPS - 1)
        with torch.no_grad():
            for ours, theirs in zip(teacher.parameters(), student.parameters()):
                ours.mul_(momentum).add_((1 - momentum) * theirs)
            outputs = [teacher(images(step, view)) for view in range(2)]
            targets = [softmax((view - center) / temperature, 1) for view in outputs]
            center = 0.9 * center + 0.1 * torch.cat(outputs).mean(0)
        return swapped([log_softmax(student(images(step, view)) / 0.1, 1) for view in range(views)], targets)

    losses = train(student, loss_of_step)
    momentum = {f"momentum.{name}": tensor for name, tensor in tensors(teacher).items()}
    return {"losses": losses, "tensors": {**tensors(student), **momentum, "memory.center": golden(center)}}


def golden(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{value:.9g}") for value in tensor.flatten().tolist()]}


def tensors(model):
    state = model.state_dict()
    return {name: golden(state[name]) for name in state if not name.endswith("num_batches_tracked")}


results = {f"{method.__name__} of {views} views": method(views) for method in (swav, dino) for views in (2, 3)}
text = json.dumps({"torch": torch.__version__, **results}) + "\n"
(pathlib.Path(__file__).parent / "methods.json").write_text(text)
