"""Tensors of tests by name, as test/golden/recipe.ts makes them."""

import math

import numpy as np
import torch


def fnv1a(name):
    result = 0x811C9DC5
    for byte in name.encode():
        result = (result ^ byte) * 0x01000193 & 0xFFFFFFFF
    return result


def recipe(name, shape, scale=1.0, offset=0.0):
    count = math.prod(shape)
    h = fnv1a("open/" + name) + 0x9E3779B9 * np.arange(1, count + 1, dtype=np.uint64)
    h = h & 0xFFFFFFFF
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    u = (h ^ h >> 16).astype(np.float64) / 2**32
    return torch.from_numpy((offset + (2 * u - 1) * scale).astype(np.float32).reshape(shape))
