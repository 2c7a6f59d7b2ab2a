"""Writes testdata/image/encoder_preprocess.json: hashes of what the encoders' own pipelines make of generated pictures of odd sizes, grey
and RGB, from Pillow and torchvision. MedImageInsight with and without its server's 512 px + JPEG step, BiomedCLIP (open_clip's eval
transform), XrayGPT's BLIP-2 processor, MedCLIP's processor (its class needs transformers 4.24: written out here with Pillow and NumPy).
RAD-DINO: transformers' BitImageProcessor in its Pillow form, with the published values; CXR-LLaVA's encoder: the sheet's steps, written out.
Also Pillow's nearest resampling and JPEG round trips. From the repository:

    python3 scripts/golden/encoder_preprocess.py testdata/image/encoder_preprocess.json
"""
import hashlib
import io
import json
import pathlib
import sys

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, features
from torchvision import transforms as T
from transformers import BitImageProcessorPil

sha = lambda data: hashlib.sha256(data).hexdigest()
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
SIZES = [(301, 407), (512, 511), (97, 60), (640, 333), (225, 224), (224, 227), (223, 100), (3, 2), (1030, 900)]


def picture(width, height, channels):
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    planes = [((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3) & 255 for c in range(channels)]
    stack = np.stack(planes, -1).astype(np.uint8)
    return Image.fromarray(stack[..., 0] if channels == 1 else stack)


def jpeg(image, quality):
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def standard(image):  # the server's step
    return jpeg(image.resize((512, 512)).convert("RGB"), 75)


def tensor(image, mean_std):
    return T.Normalize(*mean_std)(T.ToTensor()(image.convert("RGB"))).numpy()


def medclip(image):
    side = max(224, *image.size)
    square = Image.new("L", (side, side), 0)
    square.paste(image, ((side - image.size[0]) // 2, (side - image.size[1]) // 2))
    pixels = np.asarray(square.resize((224, 224), Image.BICUBIC)).astype(np.float32) * np.float32(1 / 255)
    return ((pixels - np.float32(0.5862785803043838)) / np.float32(0.27950088968644304))[None]


def open_clip(image):
    return tensor(T.Compose([T.Resize(224, interpolation=T.InterpolationMode.BICUBIC), T.CenterCrop(224)])(image), CLIP)


RAD_DINO = BitImageProcessorPil(size={"shortest_edge": 518}, crop_size={"height": 518, "width": 518}, resample=3, do_convert_rgb=True,
                                image_mean=[0.5307] * 3, image_std=[0.2583] * 3, rescale_factor=1 / 255)


def cxr_llava(image):
    image = image.convert("L")
    width, height = image.size
    short, long = min(width, height), max(width, height)
    other = int(512 * long / short)
    image = image.resize((512, other) if width <= height else (other, 512), Image.LANCZOS)
    left, top = (image.size[0] - 512) // 2, (image.size[1] - 512) // 2
    pixels = (np.asarray(image.crop((left, top, left + 512, top + 512))).astype(np.float64) * (1 / 255)).astype(np.float32)
    return ((pixels - np.float32(0.5518136078431373)) / np.float32(0.3821719215686275))[None]


pipelines = {
    "medimageinsight": lambda p: tensor(p.convert("RGB").resize((480, 480), Image.BICUBIC), IMAGENET),
    "medimageinsight, azure": lambda p: tensor(standard(p).resize((480, 480), Image.BICUBIC), IMAGENET),
    "biomedclip": open_clip,
    "xraygpt": lambda p: tensor(T.Resize((224, 224), interpolation=T.InterpolationMode.BICUBIC)(p.convert("RGB")), CLIP),
    "medclip": medclip,
    "rad-dino": lambda p: RAD_DINO(p.convert("RGB"), return_tensors="np")["pixel_values"][0],
    "cxr-llava-encoder": cxr_llava,
}
rows = []
for width, height in SIZES:
    for channels in (1, 3):
        for name, run in pipelines.items():
            out = np.ascontiguousarray(run(picture(width, height, channels)), dtype=np.float32)
            rows.append({"pipeline": name, "width": width, "height": height, "channels": channels, "shape": list(out.shape), "sha256": sha(out.tobytes())})
jpegs = [{"width": w, "height": h, "channels": c, "quality": q, "sha256": sha(jpeg(picture(w, h, c).convert("RGB"), q).tobytes())}
         for w, h in SIZES for c in (1, 3) for q in (75, 95, 30)]
nearest = [{"width": w, "height": h, "channels": c, "to_width": tw, "to_height": th, "sha256": sha(picture(w, h, c).resize((tw, th), Image.NEAREST).tobytes())}
           for w, h in SIZES for c in (1, 3) for tw, th in [(224, 224), (77, 501), (w, 13), (3, h)]]
note = {"source": "Pillow, torchvision", "pillow": PIL.__version__, "torchvision": torchvision.__version__, "torch": torch.__version__,
        "libjpeg_turbo": features.version("libjpeg_turbo"), "numpy": np.__version__}
text = json.dumps({"note": note, "pipelines": rows, "jpeg": jpegs, "nearest": nearest}, indent=0).replace("\n", "").replace('},{', '},\n{').replace("}, {", "},\n{")
pathlib.Path(sys.argv[1]).write_text(text + "\n")
