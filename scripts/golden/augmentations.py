"""Writes testdata/image/augmentations.json: what torchvision and Pillow make of generated pictures for each operation and strength of
TrivialAugmentWide, of crops that are resized, and of erased rectangles; and the draws of torchvision's rules for the last two, with what came
of them. Hashes and numbers only. From the repository:

    python3 scripts/golden/augmentations.py testdata/image/augmentations.json
"""
import hashlib
import json
import math
import pathlib
import sys

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import autoaugment
from torchvision.transforms import functional as F

SIZES = [(64, 64), (63, 41), (23, 17), (17, 40), (2, 2), (1, 5)]
RANGES = {"full": (0, 256), "soft": (40, 97), "dark": (0, 3), "flat": (77, 1)}  # from, values


def picture(width, height, channels, kind):
    low, count = RANGES[kind]
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    planes = [low + (((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3) & 255) % count for c in range(channels)]
    stack = np.stack(planes, -1).astype(np.uint8)
    return Image.fromarray(stack[..., 0] if channels == 1 else stack)


def pictures():
    return [picture(w, h, c, kind) for w, h in SIZES for c in (1, 3) for kind in RANGES]


def sha(parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


operations = []
for name, (magnitudes, signed) in T.TrivialAugmentWide()._augmentation_space(31).items():
    values = [float(m) for m in magnitudes] if magnitudes.ndim > 0 else [0.0]
    for value in values:
        for magnitude in [value, -value] if signed else [value]:
            out = [autoaugment._apply_op(p, name, magnitude, T.InterpolationMode.NEAREST, None).tobytes() for p in pictures()]
            operations.append({"operation": name, "magnitude": magnitude, "sha256": sha(out)})

crops = []
for name, mode in [("bicubic", T.InterpolationMode.BICUBIC), ("bilinear", T.InterpolationMode.BILINEAR)]:
    for (width, height), (left, top, w, h), (to_width, to_height) in [
            ((64, 64), (3, 5, 41, 52), (48, 48)), ((64, 64), (0, 0, 64, 64), (64, 64)), ((63, 41), (62, 40, 1, 1), (7, 5)),
            ((63, 41), (10, 0, 24, 41), (24, 41)), ((63, 41), (1, 2, 60, 30), (60, 12)), ((23, 17), (4, 4, 9, 12), (32, 20))]:
        for channels in (1, 3):
            out = F.resized_crop(picture(width, height, channels, "full"), top, left, h, w, [to_height, to_width], mode)
            crops.append({"width": width, "height": height, "channels": channels, "left": left, "top": top, "crop_width": w, "crop_height": h,
                          "to_width": to_width, "to_height": to_height, "filter": name, "sha256": sha([out.tobytes()])})


def tries(seed, size, area, ratio, accept):
    """The draws that get_params makes with this seed, up to the one it takes."""
    torch.manual_seed(seed)
    log_ratio = torch.log(torch.tensor(ratio))
    drawn = []
    for _ in range(10):
        part = torch.empty(1).uniform_(area[0], area[1]).item()
        aspect = torch.exp(torch.empty(1).uniform_(log_ratio[0], log_ratio[1])).item()
        drawn.append([part, aspect])
        if accept(size[0] * size[1] * part, aspect):
            break
    return drawn


def crop_draws():
    for width, height in [(64, 64), (480, 300), (300, 480), (9, 60), (60, 9), (7, 5)]:
        for area, ratio in [((0.8, 1.0), (0.75, 4 / 3)), ((0.5, 1.0), (0.75, 4 / 3)), ((0.08, 1.0), (0.75, 4 / 3))]:
            for seed in range(6):
                torch.manual_seed(seed)
                top, left, h, w = T.RandomResizedCrop.get_params(torch.empty(1, height, width), area, ratio)
                fits = lambda px, r: (0 < round(math.sqrt(px * r)) <= width and 0 < round(math.sqrt(px / r)) <= height)
                yield {"width": width, "height": height, "ratio": ratio, "tries": tries(seed, (width, height), area, ratio, fits),
                       "left": left, "top": top, "crop_width": w, "crop_height": h}


def erase_draws():
    for width, height in [(64, 64), (480, 300), (9, 60), (7, 5), (3, 1)]:
        for seed in range(12):
            torch.manual_seed(seed)
            image = torch.ones(1, height, width)
            top, left, h, w, v = T.RandomErasing.get_params(image, (0.02, 0.33), (0.3, 3.3), [0.0])
            fits = lambda px, r: (round(math.sqrt(px * r)) < height and round(math.sqrt(px / r)) < width)
            row = {"width": width, "height": height, "tries": tries(seed, (width, height), (0.02, 0.33), (0.3, 3.3), fits)}
            if v is not image:
                row.update({"left": left, "top": top, "erased_width": w, "erased_height": h})
            yield row


erased = []
for channels, height, width, (top, left, h, w) in [(3, 16, 12, (2, 3, 7, 5)), (1, 9, 30, (0, 0, 8, 29)), (3, 5, 5, (4, 4, 1, 1)), (3, 6, 6, (3, 2, 0, 2))]:
    planes = (torch.arange(channels * height * width, dtype=torch.float32) / 7).reshape(channels, height, width)
    noise = (torch.arange(channels * h * w, dtype=torch.float32) / -16).reshape(channels, h, w)
    for name, value in [("constant", torch.tensor([0.25])[:, None, None]), ("noise", noise)]:
        out = F.erase(planes, top, left, h, w, value)
        erased.append({"channels": channels, "height": height, "width": width, "left": left, "top": top, "erased_width": w, "erased_height": h,
                       "value": name, "sha256": sha([out.numpy().tobytes()])})

note = {"source": "torchvision, Pillow", "torchvision": torchvision.__version__, "torch": torch.__version__, "pillow": PIL.__version__,
        "numpy": np.__version__}
rows = {"operations": operations, "crops": crops, "crop_draws": list(crop_draws()), "erase_draws": list(erase_draws()), "erased": erased}
text = json.dumps({"note": note, **rows}, separators=(",", ":")).replace('},{', '},\n{').replace('":[{', '":[\n{')
pathlib.Path(sys.argv[1]).write_text(text + "\n")
