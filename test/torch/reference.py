"""What torchvision and timm compute with weights that a recipe makes (test/golden/recipe.ts), as JSON: features of two images in
evaluation mode. Without arguments writes reference.json anew.

    python reference.py                     recipe weights -> reference.json
    python reference.py --load FOLDER ...   weights of FOLDER/<network>.safetensors, every one of the backbone's -> stdout
    python reference.py --save FOLDER ...   random weights and statistics -> FOLDER/<network>.safetensors and stdout
"""

import argparse
import json
import math
import pathlib

import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file

from recipe import recipe

HERE = pathlib.Path(__file__).parent


def resnet(make, cifar=False):
    model = make()
    if cifar:
        model.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)
        model.maxpool = torch.nn.Identity()
    model.fc = torch.nn.Identity()
    return model


def pooled(model):
    """A network of `features`, whose classifier is left out."""
    model.classifier = torch.nn.Identity()
    model.forward = lambda x: model.features(x).mean((2, 3))
    return model


models = torchvision.models
NETWORKS = {
    "resnet18": lambda: resnet(models.resnet18),
    "resnet18-cifar": lambda: resnet(models.resnet18, cifar=True),
    "resnet34": lambda: resnet(models.resnet34),
    "resnet50": lambda: resnet(models.resnet50),
    "resnet101": lambda: resnet(models.resnet101),
    "mobilenet-v2": lambda: pooled(models.mobilenet_v2()),
    "vgg16-bn": lambda: pooled(models.vgg16_bn()),
    "efficientnet-lite0": lambda: timm.create_model("efficientnet_lite0", num_classes=0),
}


def recipe_tensor(network, name, tensor):
    if tensor.dim() == 4:
        kind = {"scale": math.sqrt(6 / math.prod(tensor.shape[1:]))}
    elif name.endswith("running_var"):
        kind = {"offset": 1.0, "scale": 0.5}
    elif name.endswith("weight"):
        kind = {"offset": 0.6, "scale": 0.2}
    else:
        kind = {"scale": 0.1}
    return recipe(f"torch/{network}/{name}", tuple(tensor.shape), **kind)


def images(network):
    size = (32, 32) if network.endswith("-cifar") else (65, 50)
    return recipe(f"torch/{network}/images", (2, 3, *size))


def randomize(model):
    for name, tensor in model.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            tensor.normal_(0, 0.1)
        elif tensor.dim() == 1:
            tensor.add_(0.1 * torch.randn_like(tensor))


def run(network, load, save):
    torch.manual_seed(0)
    model = NETWORKS[network]().eval()
    state = model.state_dict()
    counters = {name for name in state if name.endswith("num_batches_tracked")}
    if load:
        given = load_file(f"{load}/{network}.safetensors")
        missing, unexpected = model.load_state_dict(given, strict=False)
        assert not unexpected and set(missing) <= counters, (missing, unexpected)
    elif save:
        randomize(model)
        save_file(model.state_dict(), f"{save}/{network}.safetensors")
    else:
        for name in state.keys() - counters:
            state[name].copy_(recipe_tensor(network, name, state[name]))
    features = model(images(network))
    values = features.flatten().double()
    count = len(values)
    return {
        "shape": list(features.shape),
        "sum": values.sum().item(),
        "l2norm": values.norm().item(),
        "min": values.min().item(),
        "max": values.max().item(),
        "first16": values[:16].tolist(),
        "spaced16": [values[k * (count - 1) // 15].item() for k in range(16)],
    }


parser = argparse.ArgumentParser()
parser.add_argument("--load")
parser.add_argument("--save")
parser.add_argument("networks", nargs="*", default=list(NETWORKS))
arguments = parser.parse_args()
with torch.no_grad():
    features = {network: run(network, arguments.load, arguments.save) for network in arguments.networks}
text = json.dumps(
    {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__, "features": features},
    indent=2,
)
if arguments.load or arguments.save:
    print(text)
else:
    (HERE / "reference.json").write_text(text + "\n")
