#!/usr/bin/env python3
"""Writes testdata/models: tiny random checkpoints in published layouts and reference dumps of them.

    python3 scripts/golden/models.py testdata/models

The encoder and language model are transformers' own classes (Dinov2Backbone, CLIPVisionModel, LlamaForCausalLM, Phi3ForCausalLM). MAIRA-2's
projector and the placing of image rows are written here from the published description; transformers has no such class.
Everything runs in float32; 16-bit checkpoints are rounded first, so the dump belongs to the rounded weights.
"""
import json
import math
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import (CLIPVisionConfig, CLIPVisionModel, Dinov2Backbone, Dinov2Config, LlamaConfig, LlamaForCausalLM, Phi3Config,
                          Phi3ForCausalLM)

torch.set_num_threads(1)
OUT = pathlib.Path(sys.argv[1])
IMAGE = 197                                          # the image token


def randomise(module, seed):
    """Values large enough that every part matters: a missing bias or norm weight moves the result."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in sorted(module.named_parameters()):
        noise = torch.randn(p.shape, generator=generator)
        with torch.no_grad():
            if "norm" in name and name.endswith("weight"):
                p.copy_(1 + 0.2 * noise)
            elif "lambda" in name:
                p.copy_(0.6 + 0.2 * noise)
            elif p.dim() < 2:
                p.copy_(0.1 * noise)
            elif "embed_tokens" in name or "token" in name or "position" in name:
                p.copy_(0.5 * noise)
            else:
                fan_in = p[0].numel()
                p.copy_(noise * 1.2 / math.sqrt(fan_in))
    return module.eval()


def record(tags, name, layer=None):
    def hook(_module, _inputs, output):
        x = output[0] if isinstance(output, tuple) else output
        tags[f"tag.{name}" if layer is None else f"tag.{name}.{layer}"] = x.detach().reshape(-1, x.shape[-1]).clone()
    return hook


def round_weights(module, dtype):
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(p.to(dtype).float())


def save(path, tensors, dtype=torch.float32):
    save_file({k: v.detach().to(dtype).contiguous().clone() for k, v in tensors.items()}, path, metadata={"format": "pt"})


def save_dump(path, tensors):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def folder(name):
    path = OUT / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def dinov2(layers, seed, **more):
    config = Dinov2Config(hidden_size=64, num_hidden_layers=layers, num_attention_heads=4, mlp_ratio=2, image_size=56, patch_size=14,
                          layerscale_value=1.0, reshape_hidden_states=False, attn_implementation="eager", **more)
    return randomise(Dinov2Backbone(config), seed)


def llama(seed, layers=2, **more):
    config = LlamaConfig(vocab_size=200, hidden_size=64, intermediate_size=96, num_hidden_layers=layers, num_attention_heads=4,
                         num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5,
                         rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 1.5},
                         attn_implementation="eager", **more)
    return randomise(LlamaForCausalLM(config), seed)


VISION_JSON = {"model_type": "dinov2", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "mlp_ratio": 2, "image_size": 56,
               "patch_size": 14, "out_features": ["stage2"], "out_indices": [2], "apply_layernorm": True, "reshape_hidden_states": False,
               "layer_norm_eps": 1e-6, "use_swiglu_ffn": False, "qkv_bias": True, "hidden_act": "gelu"}
TEXT_JSON = {"model_type": "llama", "vocab_size": 200, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
             "hidden_act": "silu", "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
ROPE_4 = {"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 1.5}}
ROPE_5 = {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 1.5}}


class Maira2(torch.nn.Module):
    """Vision tower, projector (linear, then GELU and linear three times), language model."""

    def __init__(self, seed, layers):
        super().__init__()
        self.vision_tower = dinov2(layers, seed, out_features=[f"stage{layers}"], apply_layernorm=True)
        projector = torch.nn.Module()
        widths = [torch.nn.Linear(64, 64) if i % 2 == 0 else torch.nn.GELU() for i in range(7)]
        projector.layers = torch.nn.ModuleList(widths)
        self.multi_modal_projector = randomise(projector, seed + 1)
        self.language_model = llama(seed + 2, layers)

    def place(self, pixel_values, input_ids, tags):
        features = self.vision_tower(pixel_values).feature_maps[-1][:, 1:]   # [N, P, D]
        projected = features
        for layer in self.multi_modal_projector.layers:
            projected = layer(projected)
        x = self.language_model.get_input_embeddings()(input_ids)            # [1, T, D]
        mask = (input_ids == IMAGE).unsqueeze(-1).expand_as(x)
        assert int((input_ids == IMAGE).sum()) == projected.shape[0] * projected.shape[1]
        x = x.masked_scatter(mask, projected.reshape(-1, projected.shape[-1]))
        tags.update(image_features=features, projected=projected)
        return x                                                             # [1, T, D]

    def forward(self, pixel_values, input_ids, tags):
        x = self.place(pixel_values, input_ids, tags)
        logits = self.language_model(inputs_embeds=x).logits[0]              # [T, V]
        tags.update(logits=logits)
        return logits


def hook_encoder(backbone, tags):
    backbone.embeddings.register_forward_hook(record(tags, "embeddings"))
    layers = backbone.encoder.layer if hasattr(backbone, "encoder") else backbone.layers
    for i, layer in enumerate(layers):
        layer.register_forward_hook(record(tags, "block", i))


def hook_language(lm, tags):
    lm.model.embed_tokens.register_forward_hook(record(tags, "tok_embed"))
    for i, layer in enumerate(lm.model.layers):
        layer.self_attn.register_forward_hook(record(tags, "attn_out", i))
        layer.register_forward_hook(record(tags, "layer_out", i))
    lm.model.norm.register_forward_hook(record(tags, "final_norm"))


def transformers5(key):
    for old, new in (("language_model.model.", "model.language_model."), ("language_model.lm_head.", "lm_head."),
                     ("vision_tower.", "model.vision_tower."), ("multi_modal_projector.", "model.multi_modal_projector.")):
        if key.startswith(old):
            return new + key[len(old):]
    raise KeyError(key)


def ours(key):
    for old, new in (("language_model.model.", "language."), ("language_model.lm_head.", "language.lm_head."), ("vision_tower.", "encoder."),
                     ("multi_modal_projector.", "projector.")):
        if key.startswith(old):
            return new + key[len(old):]
    raise KeyError(key)


GRADIENTS = ["vision_tower.embeddings.cls_token", "vision_tower.embeddings.position_embeddings",
             "vision_tower.embeddings.patch_embeddings.projection.bias", "vision_tower.encoder.layer.0.attention.attention.query.weight",
             "vision_tower.encoder.layer.0.attention.attention.value.bias", "vision_tower.encoder.layer.1.layer_scale2.lambda1",
             "vision_tower.encoder.layer.1.norm1.weight", "vision_tower.layernorm.bias", "multi_modal_projector.layers.0.weight",
             "multi_modal_projector.layers.6.bias", "language_model.model.embed_tokens.weight",
             "language_model.model.layers.0.self_attn.k_proj.weight", "language_model.model.layers.0.input_layernorm.weight",
             "language_model.model.layers.1.mlp.gate_proj.weight", "language_model.model.layers.1.self_attn.o_proj.weight",
             "language_model.model.norm.weight", "language_model.lm_head.weight"]


def maira2_inputs(images):
    generator = torch.Generator().manual_seed(99)
    pixels = torch.randn(images, 3, 56, 56, generator=generator)
    text = torch.randint(3, 190, (30,), generator=generator).tolist()
    ids = [1] + text[:6] + [IMAGE] * 16 + text[6:10] + [IMAGE] * 16 * (images - 1) + text[10:] + [2]
    return pixels, torch.tensor(ids)


def maira2_config(rope, layers):
    vision = {**VISION_JSON, "num_hidden_layers": layers, "out_features": [f"stage{layers}"], "out_indices": [layers]}
    return {"architectures": ["Maira2ForConditionalGeneration"], "model_type": "maira2", "ignore_index": -100, "image_token_index": IMAGE,
            "projector_hidden_act": "gelu", "projector_n_layers": 4, "vision_feature_layer": -1, "vision_feature_select_strategy": "default",
            "text_config": {**TEXT_JSON, **rope, "num_hidden_layers": layers}, "vision_config": vision}


def write_maira2():
    for name, dtype in (("maira2", torch.float32), ("maira2-f16", torch.float16), ("maira2-tf5-bf16", torch.bfloat16)):
        full = name == "maira2"                                            # the 16-bit variants are smaller: one layer, one image
        layers = 2 if full else 1
        model = Maira2(seed=7, layers=layers)
        round_weights(model, dtype)
        state = {k: v for k, v in model.state_dict().items() if "rotary" not in k}
        path = folder(name)
        write_json(path / "config.json", maira2_config(ROPE_5 if "tf5" in name else ROPE_4, layers))
        write_json(path / "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0})
        if full:                                                           # sharded as published
            groups = [[k for k in state if k.startswith("vision")],
                      [k for k in state if "projector" in k or "embed_tokens" in k or ".layers.0." in k and k.startswith("language")]]
            groups.append([k for k in state if k not in groups[0] + groups[1]])
            weight_map = {}
            for i, keys in enumerate(groups):
                file = f"model-{i + 1:05}-of-{len(groups):05}.safetensors"
                save(path / file, {k: state[k] for k in keys})
                weight_map.update({k: file for k in keys})
            total = sum(v.numel() * 4 for v in state.values())
            write_json(path / "model.safetensors.index.json",
                       {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))})
        else:
            save(path / "model.safetensors", {transformers5(k) if "tf5" in name else k: v for k, v in state.items()}, dtype)

        tags = {}
        hook_encoder(model.vision_tower, tags)
        model.vision_tower.layernorm.register_forward_hook(record(tags, "encoder_norm"))
        hook_language(model.language_model, tags)
        pixels, ids = maira2_inputs(2 if full else 1)
        logits = model(pixels, ids[None], tags)
        dump = {"pixel_values": pixels, "input_ids": ids, **{k: v for k, v in tags.items() if full or not k.startswith("tag.")}}
        if full:
            labels = ids.clone()
            labels[:45] = -100                                             # the prompt is not learned
            labels[ids == IMAGE] = -100
            loss = torch.nn.functional.cross_entropy(logits[:-1], labels[1:], ignore_index=-100)
            loss.backward()
            params = dict(model.named_parameters())
            dump.update(labels=labels, loss=loss.reshape(1), **{f"grad.{ours(k)}": params[k].grad for k in GRADIENTS})
        save_dump(path / "reference.safetensors", dump)
        if full:
            write_generation(path, model, pixels, ids[:45])


def greedy(language, embeddings, count=64):
    """The ids that follow [T, D] embeddings greedily. Every step runs the whole sequence: nothing is kept. No choice is near a tie."""
    written, embed = [], language.get_input_embeddings()
    with torch.no_grad():
        for _ in range(count):
            x = torch.cat([embeddings, embed(torch.tensor(written, dtype=torch.int64))])
            logits = language(inputs_embeds=x[None], use_cache=False).logits[0, -1]
            best = logits.topk(2)
            assert best.values[0] - best.values[1] > 1e-3, "a near tie"
            written.append(int(best.indices[0]))
    return torch.tensor(written)


def write_generation(path, model, pixels, prompt):
    """What the language model's own generate() writes after the images and the beginning of the prompt, greedily."""
    with torch.no_grad():
        x = model.place(pixels, prompt[None], {})
        out = model.language_model.generate(inputs_embeds=x, max_new_tokens=64, do_sample=False, eos_token_id=None, pad_token_id=0,
                                            return_dict_in_generate=True, output_logits=True)
    ids = out.sequences[0]
    log_probs = torch.stack([torch.log_softmax(row[0], -1)[i] for row, i in zip(out.logits, ids)])
    save_dump(path / "generation.safetensors", {"prompt": prompt, "ids": ids, "log_probs": log_probs})


def write_dinov2():
    """Another choice of the same form: features of block 2 of 3, not normalised, class token kept; F16 storage."""
    backbone = dinov2(3, 21, out_features=["stage2"], apply_layernorm=False)
    round_weights(backbone, torch.float16)
    path = folder("dinov2")
    write_json(path / "config.json", {**VISION_JSON, "num_hidden_layers": 3, "apply_layernorm": False})
    save(path / "model.safetensors", backbone.state_dict(), torch.float16)
    tags = {}
    hook_encoder(backbone, tags)
    pixels = torch.randn(2, 3, 56, 56, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        features = backbone(pixels).feature_maps[-1]                       # [N, 1 + P, D]
    tags = {k: v for k, v in tags.items() if k != "tag.block.2"}
    save_dump(path / "reference.safetensors", {"pixel_values": pixels, "image_features": features, **tags})


def write_clip():
    """CLIP as LLaVA uses it: hidden state -2, class token dropped."""
    config = CLIPVisionConfig(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8,
                              hidden_act="quick_gelu", attn_implementation="eager")
    model = randomise(CLIPVisionModel(config), 31)
    round_weights(model, torch.float16)
    path = folder("clip")
    write_json(path / "config.json", {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                                      "num_attention_heads": 4, "image_size": 32, "patch_size": 8, "hidden_act": "quick_gelu"})
    state = {("" if k.startswith("vision_model.") else "vision_model.") + k: v for k, v in model.state_dict().items()}
    save(path / "model.safetensors", state, torch.float16)
    pixels = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        hidden = model(pixels, output_hidden_states=True).hidden_states
    save_dump(path / "reference.safetensors",
              {"pixel_values": pixels, "image_features": hidden[-2][:, 1:], "tag.embeddings": hidden[0].reshape(-1, 64),
               "tag.block.0": hidden[1].reshape(-1, 64)})


def write_llama():
    """Tied embeddings, biased attention, BF16 storage; keys as LlamaForCausalLM writes them."""
    model = llama(41, tie_word_embeddings=True, attention_bias=True)
    round_weights(model, torch.bfloat16)
    path = folder("llama")
    write_json(path / "config.json", {**TEXT_JSON, **ROPE_4, "tie_word_embeddings": True, "attention_bias": True})
    state = {k: v for k, v in model.state_dict().items() if k != "lm_head.weight" and "rotary" not in k}
    save(path / "model.safetensors", state, torch.bfloat16)
    tags = {}
    hook_language(model, tags)
    ids = torch.randint(3, 190, (40,), generator=torch.Generator().manual_seed(8))
    with torch.no_grad():
        logits = model(ids[None]).logits[0]
    save_dump(path / "reference.safetensors", {"input_ids": ids, "logits": logits, **tags})
    save_dump(path / "generation.safetensors", {"prompt": ids, "ids": greedy(model, model.get_input_embeddings()(ids).detach())})


def write_phi3():
    """Matrices in one, a window of 12 positions, "longrope" whose factors change past 24 positions: a long prompt, a short one, and tokens
    written across the change."""
    rope = {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0, 1.1, 1.3, 1.2, 1.5, 1.7, 1.4, 2.0],
            "long_factor": [1.0, 1.5, 2.5, 3.0, 4.5, 6.0, 8.0, 9.0], "original_max_position_embeddings": 24}
    config = Phi3Config(vocab_size=200, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                        max_position_embeddings=96, original_max_position_embeddings=24, rms_norm_eps=1e-5, sliding_window=12, rope_parameters=rope,
                        pad_token_id=0, attn_implementation="eager")
    model = randomise(Phi3ForCausalLM(config), 51)
    round_weights(model, torch.bfloat16)
    path = folder("phi3")
    write_json(path / "config.json", {**{k: v for k, v in TEXT_JSON.items() if k != "model_type"}, "model_type": "phi3", "max_position_embeddings": 96,
                                      "original_max_position_embeddings": 24, "sliding_window": 12, "rope_theta": 10000.0,
                                      "rope_scaling": {"type": "longrope", "short_factor": rope["short_factor"], "long_factor": rope["long_factor"]}})
    save(path / "model.safetensors", {k: v for k, v in model.state_dict().items() if "rotary" not in k}, torch.bfloat16)
    ids = torch.randint(3, 190, (40,), generator=torch.Generator().manual_seed(18))
    tags = {}
    hook_language(model, tags)
    for name, length in (("reference", 40), ("reference_short", 20)):
        with torch.no_grad():
            logits = model(ids[None, :length]).logits[0]
        save_dump(path / f"{name}.safetensors", {"input_ids": ids[:length], "logits": logits, **tags})
    # nothing is kept across the change of factors
    written = greedy(model, model.get_input_embeddings()(ids[:20]).detach())
    save_dump(path / "generation.safetensors", {"prompt": ids[:20], "ids": written})


if __name__ == "__main__":
    write_maira2()
    write_dinov2()
    write_clip()
    write_llama()
    write_phi3()
    import transformers
    print("torch", torch.__version__, "transformers", transformers.__version__)
    for file in sorted(OUT.rglob("*.safetensors")):
        print(f"{file.stat().st_size:9} {file.relative_to(OUT)}")
