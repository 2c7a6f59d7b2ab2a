#!/usr/bin/env python3
"""Writes testdata/models/{xraygpt,xraygpt-paper,cxrreportgen}: whole systems, tiny and random, with reference dumps and greedy continuations.

    python3 scripts/golden/xraygpt.py testdata/models

The first two lie in several files as published (torch.save; shards with an index; what else such files hold beside the weights). Parts are
transformers' own classes: Blip2VisionModel, Blip2QFormerModel, SwinModel, ViTModel, LlamaForCausalLM, Phi3ForCausalLM. The norm between vision model and
Q-Former, MedCLIP's projection, the projectors and the placing of image rows are written here. Float32; 16-bit weights are rounded first.
"""
import pathlib
import shutil
import sys

import torch
from transformers import (Blip2QFormerConfig, Blip2QFormerModel, Blip2VisionConfig, Blip2VisionModel, LlamaConfig, LlamaForCausalLM, Phi3Config,
                          Phi3ForCausalLM, SwinConfig, SwinModel, ViTConfig, ViTModel)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from models import OUT, folder, greedy, hook_language, randomise, record, round_weights, save, save_dump, write_json
from qformer import QUERIES, VISION, query_names, vision_names
from towers import SWIN, random_model, swin_names, timm_names, vit_tags

TEXT = {"vocab_size": 420, "hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
        "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def toml(table, values):
    return f"[{table}]\n" + "".join(f"{k} = {v}\n" for k, v in values.items())


def vicuna(path, seed):
    """Two shards of torch.save and their index, LlamaForCausalLM's names, the tables of angles that old files hold."""
    model = randomise(LlamaForCausalLM(LlamaConfig(**TEXT, attn_implementation="eager")), seed)
    round_weights(model, torch.float16)
    path.mkdir(exist_ok=True)
    write_json(path / "config.json", {"architectures": ["LlamaForCausalLM"], "model_type": "llama", **TEXT})
    state = {k: v.detach().half().clone() for k, v in model.state_dict().items() if "rotary" not in k}
    for i in range(TEXT["num_hidden_layers"]):
        state[f"model.layers.{i}.self_attn.rotary_emb.inv_freq"] = torch.rand(6)
    keys, weight_map = sorted(state), {}
    for i, part in enumerate((keys[:len(keys) // 2], keys[len(keys) // 2:])):
        file = f"pytorch_model-{i + 1:05}-of-00002.bin"
        torch.save({k: state[k] for k in part}, path / file)
        weight_map.update({k: file for k in part})
    write_json(path / "pytorch_model.bin.index.json", {"metadata": {"total_size": sum(v.numel() * v.element_size() for v in state.values())},
                                                       "weight_map": weight_map})
    shutil.copyfile(OUT.parent / "text" / "sentencepiece.model", path / "tokenizer.model")
    return model


def save_projection(path, projection, more):
    torch.save({"model": {"llama_proj.weight": projection.weight.detach().clone(), "llama_proj.bias": projection.bias.detach().clone(), **more},
                "optimizer": {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(4)}}, "param_groups": [{"lr": 1e-5, "params": [0]}]},
                "config": {"run": {"seed": 42}}, "scaler": {"scale": 65536.0}, "epoch": 3}, path)


def finish(path, language, pixels, features, projected, tags, image_id, seed, bos):
    """Dump of one prompt with every image's rows in its middle, and what follows it greedily: the first prompt from this seed on without a near tie."""
    embed, rows = language.get_input_embeddings(), projected.reshape(-1, projected.shape[-1])
    for attempt in range(100):
        text = torch.randint(3, 190, (20,), generator=torch.Generator().manual_seed(seed + 1000 * attempt)).tolist()
        before, after = bos + text[:5], text[5:]
        with torch.no_grad():
            x = torch.cat([embed(torch.tensor(before)), rows, embed(torch.tensor(after))])
            logits = language(inputs_embeds=x[None]).logits[0]
        dumped = {k: v for k, v in tags.items() if k != "tag.tok_embed"}     # before greedy() runs more through the hooks
        try:
            written = greedy(language, x)
        except AssertionError:
            continue
        ids = torch.tensor(before + [image_id] * len(rows) + after)
        save_dump(path / "reference.safetensors", {"pixel_values": pixels, "input_ids": ids, "image_features": features, "projected": projected,
                                                   "logits": logits, **dumped})
        save_dump(path / "generation.safetensors", {"prompt": ids, "ids": written})
        return print(path.name, "prompt of seed", seed + 1000 * attempt, "writes", written.tolist())
    raise SystemExit(path.name + ": every prompt comes near a tie")


def write_released():
    path = folder("xraygpt")
    (path / "hilum.toml").write_text('preset = "xraygpt"\n' + toml("encoder.config", VISION) + toml("queries.config", {**QUERIES, "num_query_tokens": 5}))
    vision = randomise(Blip2VisionModel(Blip2VisionConfig(**VISION, hidden_act="gelu", qkv_bias=True, attn_implementation="eager")), 121)
    with torch.no_grad():
        for layer in vision.encoder.layers:                                # EVA's keys have no bias
            layer.self_attn.qkv.bias[VISION["hidden_size"]:2 * VISION["hidden_size"]] = 0
    queries = randomise(Blip2QFormerModel(Blip2QFormerConfig(**QUERIES, hidden_act="gelu", attn_implementation="eager")), 122)
    tokens = (0.5 * torch.randn(1, 5, QUERIES["hidden_size"], generator=torch.Generator().manual_seed(123))).half().float()
    for module in (vision, queries):
        round_weights(module, torch.float16)
    projection = randomise(torch.nn.Linear(QUERIES["hidden_size"], TEXT["hidden_size"]), 124)
    language = vicuna(path / "vicuna", 125)

    names = {k: v.detach().half().clone() for k, v in vision_names(vision.state_dict()).items()}
    flat = {k.removeprefix("visual_encoder."): v for k, v in names.items() if k.startswith("visual_encoder.")}
    last = VISION["num_hidden_layers"] - 1
    flat.update({k.replace(f"blocks.{last}.", f"blocks.{last + 1}."): torch.rand_like(v) for k, v in flat.items() if k.startswith(f"blocks.{last}.")})  # one too many
    torch.save(flat, path / "eva_vit_g.pth")
    rest = {k: v for k, v in names.items() if not k.startswith("visual_encoder.")}
    rest.update({k: v.detach().half().clone() for k, v in query_names(queries.state_dict()).items()})
    rest.update({"query_tokens": tokens.half(), "t5_proj.weight": torch.rand(8, 32), "Qformer.bert.embeddings.position_ids": torch.arange(16)[None]})
    torch.save({"model": rest}, path / "blip2_pretrained_flant5xxl.pth")
    save_projection(path / "checkpoint_3.pth", projection, {"Qformer.bert.embeddings.position_ids": torch.arange(16)[None],
                                                            "llama_model.model.layers.0.self_attn.rotary_emb.inv_freq": torch.rand(6)})
    tags = {}
    for i, layer in enumerate(vision.encoder.layers):
        layer.register_forward_hook(record(tags, "block", i))
    for i, layer in enumerate(queries.encoder.layer):
        layer.register_forward_hook(record(tags, "query_block", i))
    hook_language(language, tags)
    pixels = torch.randn(1, 3, VISION["image_size"], VISION["image_size"], generator=torch.Generator().manual_seed(126))
    with torch.no_grad():
        vision(pixels)
        features = tags[f"tag.block.{last}"].reshape(1, -1, VISION["hidden_size"])
        norm = vision.post_layernorm
        image = torch.nn.functional.layer_norm(features, (VISION["hidden_size"],), norm.weight, norm.bias, 1e-5)
        seen = queries(query_embeds=tokens, encoder_hidden_states=image).last_hidden_state                     # [1, 5, 32]
        projected = projection(seen)
    tags["tag.vision_norm"] = image
    finish(path, language, pixels, seen, projected, tags, -200, 127, [1])


def write_paper():
    path, width = folder("xraygpt-paper"), 24
    (path / "hilum.toml").write_text('preset = "xraygpt-paper"\n' + f"[encoder]\nwidth = {width}\n" + toml("encoder.config", SWIN))
    vision = random_model(SwinModel(SwinConfig(**SWIN, attn_implementation="eager")), 131)
    head = torch.randn(width, 32, generator=torch.Generator().manual_seed(132)) * 0.2
    projection = randomise(torch.nn.Linear(width, TEXT["hidden_size"]), 133)
    language = vicuna(path / "vicuna", 134)
    state = {f"vision_model.model.{k}": v.detach().clone() for k, v in swin_names(vision).items()}
    state.update({"vision_model.projection_head.weight": head, "text_model.projection_head.weight": torch.rand(width, 32), "logit_scale": torch.tensor(2.7),
                  "text_model.model.embeddings.position_ids": torch.arange(20)[None]})
    (path / "medclip").mkdir(exist_ok=True)
    torch.save(state, path / "medclip" / "pytorch_model.bin")
    save_projection(path / "checkpoint_0.pth", projection, {})
    tags = {}
    vision.embeddings.register_forward_hook(record(tags, "embeddings"))
    for i, block in enumerate(block for stage in vision.encoder.layers for block in stage.blocks):
        block.register_forward_hook(record(tags, "block", i))
    vision.layernorm.register_forward_hook(record(tags, "encoder_norm"))
    hook_language(language, tags)
    grey = torch.randn(1, 1, 48, 48, generator=torch.Generator().manual_seed(135))
    with torch.no_grad():
        pooled = vision(grey.repeat(1, 3, 1, 1)).pooler_output
        features = (pooled @ head.T)[:, None]                                                                   # [1, 1, 24]
        projected = projection(features)
    tags["tag.image_pooled"] = pooled
    finish(path, language, grey, features, projected, tags, -200, 136, [1])


def write_cxrreportgen():
    path, image_id, hidden = folder("cxrreportgen"), 197, 64
    config = ViTConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, image_size=32, patch_size=8,
                       layer_norm_eps=1e-6, hidden_act="gelu", attn_implementation="eager")
    vision = random_model(ViTModel(config, add_pooling_layer=False), 141)
    text = {"vocab_size": 200, "hidden_size": hidden, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
            "max_position_embeddings": 192, "rms_norm_eps": 1e-5, "hidden_act": "silu", "sliding_window": 2047, "bos_token_id": 1, "eos_token_id": 2,
            "pad_token_id": 0}
    language = randomise(Phi3ForCausalLM(Phi3Config(**text, original_max_position_embeddings=192, attn_implementation="eager")), 142)
    projector = randomise(torch.nn.ModuleList([torch.nn.Linear(32 if i == 0 else hidden, hidden) if i % 2 == 0 else torch.nn.GELU() for i in range(7)]), 143)
    for module in (vision, language, projector):
        round_weights(module, torch.bfloat16)
    write_json(path / "config.json", {"model_type": "hilum-cxrreportgen", "image_token_index": image_id, "projector_n_layers": 4,
                                      "text_config": {"model_type": "phi3", **text},
                                      "vision_config": {"image_size": 32, "patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 4, "mlp_ratio": 2}})
    state = {f"vision_tower.{k}": v for k, v in timm_names(vision).items()}
    state.update({f"multi_modal_projector.layers.{k}": v for k, v in projector.state_dict().items()})
    state.update({f"language_model.{k}": v for k, v in language.state_dict().items() if "rotary" not in k})
    save(path / "model.safetensors", state, torch.bfloat16)
    tags = {}
    vit_tags(vision.layers if hasattr(vision, "layers") else vision.encoder.layer, vision.layernorm, tags)
    hook_language(language, tags)
    pixels = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(145))
    with torch.no_grad():
        features = vision(pixels).last_hidden_state[:, 1:]                                                      # [2, 16, 32]
        projected = features
        for layer in projector:
            projected = layer(projected)
    finish(path, language, pixels, features, projected, tags, image_id, 146, [1])


if __name__ == "__main__":
    write_released()
    write_paper()
    write_cxrreportgen()
    print("torch", torch.__version__)
