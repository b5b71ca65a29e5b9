"""Reads a folder of images with torchvision in passes, and prints a Measurement. The argument is a ReadingJob of ../load.ts. Between two
passes it waits for a line on stdin. Each pass starts its workers by fork, which takes some milliseconds, so that none decodes during the other
side's turn."""

import json
import resource
import sys
import time

import torch
from torchvision import datasets, transforms

job = json.loads(sys.argv[1])
size = job["size"]
transform = transforms.Compose([transforms.Resize(size), transforms.CenterCrop(size), transforms.PILToTensor()])
images = datasets.ImageFolder(job["root"] + "/train", transform)


def pixels(items):
    return torch.stack([image for image, _ in items])


seconds = []
for number in range(job["passes"]):
    start = time.perf_counter()
    loader = torch.utils.data.DataLoader(
        images, batch_size=job["batch"], num_workers=job["workers"], collate_fn=pixels, multiprocessing_context="fork"
    )
    read = sum(len(batch) for batch in loader)
    assert read == len(images)
    seconds.append(time.perf_counter() - start)
    print(f"step {number + 1}", flush=True)
    sys.stdin.readline()
print(json.dumps({"seconds": seconds, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
