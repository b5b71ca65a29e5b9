"""What torchvision's MixUp and CutMix make of a batch, as JSON: mixing.json.

    python mixing.py

Their shares and the centres of boxes are fixed here, not drawn. Outputs are in units of 1e-5.
"""

import json
import pathlib

import torch
import torchvision
from torchvision.transforms import v2

SHAPE = (3, 2, 6, 9)
LABELS = [0, 2, 1]
CLASSES = 3


def batch(shape):
    """Multiples of 1/255, the same in every language: [N,C,H,W], channels last in order."""
    count, channels, height, width = shape
    values = torch.tensor([(i * i * 7 + i * 31) % 251 + i % 5 for i in range(count * channels * height * width)]) / 255
    return values.reshape(count, height, width, channels).permute(0, 3, 1, 2).contiguous()


def written(values):
    return (values.flatten() * 1e5).round().int().tolist()


class Fixed:
    def __init__(self, share):
        self.share = share

    def sample(self, _):
        return torch.tensor(self.share)


cases = []
for mix, kind in (("mixup", v2.MixUp), ("cutmix", v2.CutMix)):
    for share, x, y in [(0.3, 4, 2), (0.75, 0, 5), (0.02, 8, 1), (0.995, 3, 3)]:
        transform = kind(num_classes=CLASSES)
        transform._dist = Fixed(share)
        centre = iter([x, y])
        torch.randint = lambda *_, **__: torch.tensor([next(centre)])
        images, targets = transform(batch(SHAPE), torch.tensor(LABELS))
        cases.append(
            {
                "mix": mix,
                "share": share,
                "centre": [x, y],
                "images": written(images.permute(0, 2, 3, 1)),
                "targets": written(targets),
            }
        )

count, channels, height, width = SHAPE
reference = {
    "torchvision": torchvision.__version__,
    "shape": [count, height, width, channels],
    "labels": LABELS,
    "classes": CLASSES,
    "cases": cases,
}
text = json.dumps(reference).replace('{"mix"', '\n{"mix"')
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
