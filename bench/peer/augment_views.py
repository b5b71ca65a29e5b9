"""Makes two views of each image of noise with torchvision, as the CIFAR-10 recipe does, in passes, and prints a Measurement. The argument is an
AugmentingJob of ../augment.ts. Between two passes it waits for a line on stdin. Each pass starts its workers by fork, which takes some
milliseconds, so that none works during another side's turn."""

import json
import resource
import sys
import time

import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import v2

job = json.loads(sys.argv[1])
torch.set_num_threads(1)  # of each worker
generator = torch.Generator().manual_seed(1)
pixels = torch.randint(0, 256, (job["images"], 32, 32, 3), generator=generator, dtype=torch.uint8)
statistics = {"mean": (0.4914, 0.4822, 0.4465), "std": (0.2023, 0.1994, 0.2010)}


def recipe(kind, after):
    return kind.Compose(
        [
            kind.RandomResizedCrop(32, scale=(0.2, 1)),
            kind.RandomApply([kind.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            kind.RandomGrayscale(0.2),
            kind.RandomHorizontalFlip(),
            *after,
            kind.Normalize(**statistics),
        ]
    )


if job["transforms"] == "pil":
    images = [Image.fromarray(image.numpy()) for image in pixels]
    augment = recipe(transforms, [transforms.ToTensor()])
else:
    images = list(pixels.permute(0, 3, 1, 2).contiguous())
    augment = recipe(v2, [v2.ToDtype(torch.float32, scale=True)])


class Views(torch.utils.data.Dataset):
    def __len__(self):
        return len(images)

    def __getitem__(self, index):
        return augment(images[index]), augment(images[index])


seconds = []
for number in range(job["passes"]):
    start = time.perf_counter()
    loader = torch.utils.data.DataLoader(
        Views(), batch_size=job["batch"], num_workers=job["workers"], multiprocessing_context="fork"
    )
    made = sum(len(first) + len(second) for first, second in loader)
    assert made == 2 * len(images)
    seconds.append(time.perf_counter() - start)
    print(f"step {number + 1}", flush=True)
    sys.stdin.readline()
print(json.dumps({"seconds": seconds, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
