#!/usr/bin/env python3
"""Writes testdata/models/cxr-llava: CXR-LLaVA's whole model, tiny and random, under its published names, with a reference dump.

    python3 scripts/golden/cxr_llava.py testdata/models

transformers' CLIPVisionModel (one channel, exact GELU) and LlamaForCausalLM; the norm of every token, the linear projector and the placing of image
rows at id -200 are written here from the published code's description. Float32; weights are rounded to BF16 first, as published.
"""
import torch
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection, LlamaConfig, LlamaForCausalLM

from models import folder, greedy, hook_language, randomise, record, round_weights, save, save_dump, write_json
from towers import open_clip_names

VISION = CLIPVisionConfig(hidden_size=32, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8, num_channels=1,
                          hidden_act="gelu", layer_norm_eps=1e-5, projection_dim=12, attn_implementation="eager")
TEXT = {"vocab_size": 420, "hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
        "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2}


def main():
    vision, language = randomise(CLIPVisionModelWithProjection(VISION), 111), randomise(LlamaForCausalLM(LlamaConfig(**TEXT, attn_implementation="eager")), 112)
    projector = randomise(torch.nn.Linear(32, 48), 113)
    for module in (vision, language, projector):
        round_weights(module, torch.bfloat16)
    path = folder("cxr-llava")
    write_json(path / "config.json", {"architectures": ["CXRLLAVAModel"], "model_type": "CXR-LLAVA", "clip_embed_dim": 12, "clip_quick_gelu": False,
                                      "clip_vision_cfg": {"image_size": 32, "layers": 2, "patch_size": 8, "width": 32, "head_width": 8},
                                      "llama": {"architectures": ["LlamaForCausalLM"], **TEXT}, "mm_projector_dim": 32})
    state = {f"vision_tower.{k}": v for k, v in open_clip_names(vision).items()}
    state.update({f"mm_projector.{k}": v for k, v in projector.state_dict().items()})
    state.update({("llama." + k.removeprefix("model.") if k.startswith("model.") else k): v for k, v in language.state_dict().items() if "rotary" not in k})
    save(path / "model.safetensors", state, torch.bfloat16)

    tower, tags = vision.vision_model, {}
    for i, layer in enumerate(tower.encoder.layers):
        layer.register_forward_hook(record(tags, "block", i))
    hook_language(language, tags)
    generator = torch.Generator().manual_seed(114)
    pixels = torch.randn(1, 1, 32, 32, generator=generator)
    text = torch.randint(3, 400, (20,), generator=generator).tolist()
    before, after = [1, 1] + text[:5], text[5:]
    with torch.no_grad():
        features = tower.post_layernorm(tower(pixels).last_hidden_state)[:, 1:]          # [1, 16, 32]: every token normed, the class token dropped
        projected = projector(features)
        embed = language.get_input_embeddings()
        x = torch.cat([embed(torch.tensor(before)), projected[0], embed(torch.tensor(after))])
        tags.pop("tag.tok_embed")
        logits = language(inputs_embeds=x[None]).logits[0]
        dumped = dict(tags)                                                              # what greedy() runs is not part of the dump
        written = greedy(language, x)
    ids = torch.tensor(before + [-200] * 16 + after)
    save_dump(path / "reference.safetensors", {"pixel_values": pixels, "input_ids": ids, "image_features": features, "projected": projected, "logits": logits, **dumped})
    save_dump(path / "generation.safetensors", {"prompt": ids, "ids": written})


main()
