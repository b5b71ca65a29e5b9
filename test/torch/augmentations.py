"""What torchvision's operations make of float images, as JSON: augmentations.json.

    python augmentations.py

They are the operations of its v2 transforms on float tensors, which round nothing. Outputs are in units of 1e-5.
"""

import json
import pathlib

import torch
import torchvision
from torchvision.transforms import functional
from torchvision.transforms import v2

SHAPE = (3, 7, 8)


def image(shape):
    """Multiples of 1/255, the same in every language: [C,H,W], channels last in order."""
    channels, height, width = shape
    count = channels * height * width
    values = torch.tensor([(i * i * 7 + i * 31) % 251 + i % 5 for i in range(count)]) / 255
    return values.reshape(height, width, channels).permute(2, 0, 1).contiguous()


def written(output):
    return (output.permute(1, 2, 0).flatten() * 1e5).round().int().tolist()


def case(operation, output, **values):
    return {"operation": operation, **values, "shape": [output.shape[i] for i in (1, 2, 0)], "output": written(output)}


x = image(SHAPE)
cases = [case("vertical-flip", functional.vflip(x))]

MODES = {"zero": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric"}
for border, mode in MODES.items():
    for top, left in [(0, 1), (5, 4)]:
        padded = functional.pad(x, [3], padding_mode=mode)
        options = {"size": [8, 9], "padding": 3, "border": border}
        cases.append(case("random-crop", functional.crop(padded, top, left, 8, 9), options=options, draws=[top, left]))

for interpolation in ("nearest", "bilinear"):
    mode = torchvision.transforms.InterpolationMode(interpolation)
    for angle, shift, scale, shear in [
        (23, (0, 0), 1, (0, 0)),
        (0, (2, -3), 1.3, (0, 0)),
        (0, (0, 0), 1, (14, -8)),
        (-37, (-1, 2), 0.8, (11, 5)),
    ]:
        output = functional.affine(x, angle, list(shift), scale, list(shear), mode)
        draws = [angle, *shift, scale, *shear]
        cases.append(case("random-affine", output, options={"interpolation": interpolation}, draws=draws))
    output = functional.rotate(x, -23, mode)
    cases.append(case("random-affine", output, options={"interpolation": interpolation}, draws=[23, 0, 0, 1, 0, 0]))

OPERATIONS = list(v2.RandAugment._AUGMENTATION_SPACE)
augment = v2.RandAugment()


def changed(picture, name, magnitude, negative):
    values, signed = augment._AUGMENTATION_SPACE[name]
    bins = values(augment.num_magnitude_bins, *picture.shape[1:])
    strength = 0.0 if bins is None else float(bins[magnitude]) * (-1 if signed and negative else 1)
    return augment._apply_image_or_video_transform(
        picture, name, strength, augment.interpolation, augment._fill
    )


def rand_augment(picture, magnitude, *drawn):
    output = picture
    for name, negative in drawn:
        output = changed(output, name, magnitude, negative)
    options = {"operations": len(drawn), "magnitude": magnitude}
    draws = [number for name, negative in drawn for number in (OPERATIONS.index(name), int(negative))]
    return case("rand-augment", output, options=options, draws=draws, names=[name for name, _ in drawn])


for name in OPERATIONS:
    if name == "Equalize":
        continue
    cases.append(rand_augment(x, 9, (name, False)))
    if augment._AUGMENTATION_SPACE[name][1] or name in ("Posterize", "Solarize"):
        cases.append(rand_augment(x, 23, (name, True)))
cases.append(rand_augment(x, 17, ("Rotate", False), ("Color", True), ("AutoContrast", False)))
cases.append(rand_augment(x, 9, ("Equalize", False)))  # too few pixels: nothing changes
large = image((3, 26, 22))
cases.append({**rand_augment(large / 2, 9, ("Equalize", False)), "input": [26, 22, 3], "factor": 0.5})
# A third of the pixels are the brightest.
cases.append({**rand_augment(large.clamp(max=0.6), 9, ("Equalize", False)), "input": [26, 22, 3], "most": 0.6})

reference = {"torchvision": torchvision.__version__, "input": [7, 8, 3], "cases": cases}
text = json.dumps(reference).replace('{"operation"', '\n{"operation"')
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
