"""Writes testdata/image/pillow.json: hashes of what Pillow makes of generated pictures (resampling) and of the real test
pictures (decoding, mode L). Run from the repository's parent folder, which holds shared/:

    python3 scripts/golden/image_pillow.py SHARED/data/images testdata/image/pillow.json
"""
import hashlib
import json
import pathlib
import random
import sys

import numpy as np
import PIL
from PIL import Image, features

images, target = map(pathlib.Path, sys.argv[1:3])
sha = lambda data: hashlib.sha256(data).hexdigest()
filters = {"box": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}

rng = random.Random(20)
sizes = [(rng.randint(1, 900), rng.randint(1, 900), rng.randint(1, 600), rng.randint(1, 600)) for _ in range(8)]
sizes += [(1, 2, 5, 5), (2, 1, 518, 3), (640, 480, 640, 100), (300, 500, 77, 500), (1500, 1100, 224, 224)]
resized = []
for width, height, to_width, to_height in sizes:
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    for channels in (1, 3):
        planes = [((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3) & 255 for c in range(channels)]
        picture = Image.fromarray(np.squeeze(np.stack(planes, -1).astype(np.uint8), -1) if channels == 1
                                  else np.stack(planes, -1).astype(np.uint8))
        for name, number in filters.items():
            out = picture.resize((to_width, to_height), number)
            resized.append({"width": width, "height": height, "channels": channels, "to_width": to_width, "to_height": to_height,
                            "filter": name, "sha256": sha(out.tobytes())})

decoded = {}
for path in sorted(images.iterdir()):
    if path.suffix in (".png", ".jpg"):
        picture = Image.open(path)
        decoded[path.name] = {"width": picture.width, "height": picture.height, "sha256": sha(picture.convert("L").tobytes())}

note = {"source": "Pillow", "version": PIL.__version__, "libjpeg_turbo": features.version("libjpeg_turbo"), "numpy": np.__version__}
target.write_text(json.dumps({"note": note, "resized": resized, "decoded_grey": decoded}, indent=0) + "\n")
