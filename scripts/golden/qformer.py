#!/usr/bin/env python3
"""Writes testdata/models/eva-qformer: EVA-CLIP's vision transformer and BLIP-2's Q-Former, tiny and random, under the names XrayGPT's code gives
them, with a reference dump.

    python3 scripts/golden/qformer.py testdata/models

transformers' Blip2VisionModel (its last hidden state before the post-norm: EVA has none) and Blip2QFormerModel; the norm between them,
ln_vision with eps 1e-5, is written out. Float32; weights are rounded to F16 first, so the dump belongs to the rounded ones.
"""
import sys

import torch
from transformers import Blip2QFormerConfig, Blip2QFormerModel, Blip2VisionConfig, Blip2VisionModel

from models import folder, randomise, record, round_weights, save, save_dump, write_json

VISION = {"image_size": 42, "patch_size": 14, "hidden_size": 40, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 56, "layer_norm_eps": 1e-6}
QUERIES = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 48, "cross_attention_frequency": 2,
           "encoder_hidden_size": 40, "layer_norm_eps": 1e-12}


def vision_names(state):
    width = VISION["hidden_size"]
    names = {}
    for key, value in state.items():
        if key.startswith("post_layernorm."):
            names["ln_vision." + key.split(".")[1]] = value
        elif key.endswith("qkv.bias"):
            block = "visual_encoder.blocks." + key.split(".")[2] + ".attn."
            names[block + "q_bias"], names[block + "v_bias"] = value[:width], value[2 * width:]
        else:
            for old, new in (("embeddings.class_embedding", "cls_token"), ("embeddings.position_embedding", "pos_embed"),
                             ("embeddings.patch_embedding.", "patch_embed.proj."), ("encoder.layers.", "blocks."), ("self_attn.qkv", "attn.qkv"),
                             ("self_attn.projection", "attn.proj"), ("layer_norm", "norm")):
                key = key.replace(old, new)
            names["visual_encoder." + key] = value
    return names


def query_names(state):
    names = {}
    for key, value in state.items():
        key = "embeddings.LayerNorm." + key.split(".")[1] if key.startswith("layernorm.") else key
        for module in ("attention", "crossattention"):
            key = key.replace(f".{module}.attention.", f".{module}.self.")
        names["Qformer.bert." + key] = value
    return names


def main():
    vision = randomise(Blip2VisionModel(Blip2VisionConfig(**VISION, hidden_act="gelu", qkv_bias=True, attn_implementation="eager")), 61)
    with torch.no_grad():
        for layer in vision.encoder.layers:                                # EVA's keys have no bias
            layer.self_attn.qkv.bias[VISION["hidden_size"]:2 * VISION["hidden_size"]] = 0
    queries = randomise(Blip2QFormerModel(Blip2QFormerConfig(**QUERIES, hidden_act="gelu", attn_implementation="eager")), 62)
    tokens = 0.5 * torch.randn(1, 5, QUERIES["hidden_size"], generator=torch.Generator().manual_seed(63))
    for module in (vision, queries):
        round_weights(module, torch.float16)
    tokens = tokens.half().float()
    path = folder("eva-qformer")
    write_json(path / "config.json", {"vision": VISION, "qformer": {**QUERIES, "num_query_tokens": 5}})
    state = {**vision_names(vision.state_dict()), **query_names(queries.state_dict()), "query_tokens": tokens}
    save(path / "model.safetensors", state, torch.float16)

    tags = {}
    for i, layer in enumerate(vision.encoder.layers):
        layer.register_forward_hook(record(tags, "block", i))
    for i, layer in enumerate(queries.encoder.layer):
        layer.register_forward_hook(record(tags, "query_block", i))
    pixels = torch.randn(2, 3, 42, 42, generator=torch.Generator().manual_seed(64))
    with torch.no_grad():
        vision(pixels)
        features = tags["tag.block.2"].reshape(2, 10, VISION["hidden_size"])
        norm = vision.post_layernorm
        image = torch.nn.functional.layer_norm(features, (VISION["hidden_size"],), norm.weight, norm.bias, 1e-5)
        out = queries(query_embeds=tokens.expand(2, -1, -1), encoder_hidden_states=image).last_hidden_state
    save_dump(path / "reference.safetensors", {"pixel_values": pixels, "image_features": features, "tag.vision_norm": image, "query_features": out, **tags})


if __name__ == "__main__":
    main()
    print("torch", torch.__version__)
