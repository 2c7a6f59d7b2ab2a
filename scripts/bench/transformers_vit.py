"""Times an image through transformers' vision towers with random weights, F32: the peer of hilum_ops_cpu_bench.

    transformers_vit.py [dinov2-b14-518 | vit-l16-512 | davit-480] [threads] [runs] [sdpa | eager]

Prints the median and the fastest of the runs in seconds and the median processor time, one JSON object."""
import json
import statistics
import sys
import time

import torch
import transformers

shape = sys.argv[1] if len(sys.argv) > 1 else "dinov2-b14-518"
threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 7
attention = sys.argv[4] if len(sys.argv) > 4 else "sdpa"
torch.set_num_threads(threads)
torch.manual_seed(0)
if shape == "dinov2-b14-518":
    model = transformers.Dinov2Model(transformers.Dinov2Config(image_size=518, patch_size=14, attn_implementation=attention))
    pixels = 518
elif shape == "vit-l16-512":
    model = transformers.ViTModel(transformers.ViTConfig(
        image_size=512, patch_size=16, hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
        attn_implementation=attention))
    pixels = 512
elif shape == "davit-480":  # MedImageInsight's image tower is Florence-2-large's
    from transformers.models.florence2 import configuration_florence2, modeling_florence2
    model = modeling_florence2.Florence2VisionBackbone(configuration_florence2.Florence2VisionConfig(
        embed_dim=[256, 512, 1024, 2048], depths=[1, 1, 9, 1], num_heads=[8, 16, 32, 64], num_groups=[8, 16, 32, 64], patch_size=[7, 3, 3, 3],
        patch_stride=[4, 2, 2, 2], patch_padding=[3, 1, 1, 1], patch_prenorm=[False, True, True, True], window_size=12, attn_implementation=attention))
    pixels = 480
else:
    sys.exit(f"unknown shape {shape}")
model.eval()
image = torch.randn(1, 3, pixels, pixels)
seconds, cpu = [], []
with torch.inference_mode():
    for run in range(runs + 1):
        start, cpu_start = time.perf_counter(), time.process_time()
        model(image)
        if run:  # the first warms up
            seconds.append(time.perf_counter() - start)
            cpu.append(time.process_time() - cpu_start)
print(json.dumps({"shape": shape, "torch": torch.__version__, "transformers": transformers.__version__, "threads": threads,
                  "attention": model.config._attn_implementation, "median_s": round(statistics.median(seconds), 4),
                  "fastest_s": round(min(seconds), 4), "median_cpu_s": round(statistics.median(cpu), 4)}))
