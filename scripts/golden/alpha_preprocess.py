#!/usr/bin/env python3
"""Writes testdata/image/alpha_preprocess.json: hashes of what open_clip's eval transform (torchvision's Resize and CenterCrop on the picture as it was opened,
Image.convert("RGB") behind them) makes of generated pictures of modes RGBA and LA, from Pillow and torchvision. From the repository:

    python3 scripts/golden/alpha_preprocess.py testdata/image/alpha_preprocess.json
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision import transforms as T

SIZES = [(301, 407), (225, 224), (224, 224), (97, 60), (640, 333), (5, 4)]


def picture(width, height, channels):
    """The formula of encoder_preprocess.py, and an alpha plane with everything from nothing to opaque."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    planes = [((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3) & 255 for c in range(channels)]
    alpha = np.where((x // 7 + y // 5) % 3 == 0, 255, np.where((x // 7 + y // 5) % 3 == 1, (x * 9 + y * 4) & 255, 0))
    return Image.fromarray(np.stack([*planes, alpha], -1).astype(np.uint8))


transform = T.Compose([T.Resize(224, interpolation=T.InterpolationMode.BICUBIC), T.CenterCrop(224)])
rows = []
for width, height in SIZES:
    for channels in (1, 3):
        source = picture(width, height, channels)
        made = transform(source).convert("RGB")
        rows.append({"width": width, "height": height, "channels": channels, "mode": source.mode, "sha256": hashlib.sha256(np.asarray(made).tobytes()).hexdigest()})
out = {"pillow": PIL.__version__, "torchvision": torchvision.__version__, "rows": rows}
pathlib.Path(sys.argv[1]).write_text(json.dumps(out, indent=0) + "\n")
print(len(rows))
