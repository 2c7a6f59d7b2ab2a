#!/usr/bin/env python3
"""Writes testdata/models/{biomedclip,medclip,rad-dino,cxr-llava-encoder}: tiny random checkpoints in published layouts and reference dumps.

    python3 scripts/golden/towers.py testdata/models

The towers are transformers' own classes: ViTModel (timm's VisionTransformer is not installed; the two compute the same, so its parameters are
renamed and query, key and value packed as timm does), SwinModel, BertModel, Dinov2Model, CLIPVisionModel with one channel (open_clip's
VisionTransformer likewise). Projections, MedCLIP's pooling and the cosine are written here from the published descriptions.
Everything runs in float32.
"""
import pathlib
import re
import sys

import torch
from transformers import (BertConfig, BertModel, CLIPVisionConfig, CLIPVisionModelWithProjection, Dinov2Config, Dinov2Model, SwinConfig,
                          SwinModel, ViTConfig, ViTModel)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from models import folder, randomise, record, round_weights, save, save_dump, write_json

TEXT = {"vocab_size": 90, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48,
        "max_position_embeddings": 20}
SWIN = {"image_size": 48, "patch_size": 4, "embed_dim": 8, "depths": [2, 2, 2], "num_heads": [1, 2, 4], "window_size": 3}


def tensors(seed):
    generator = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=generator)


def random_model(model, seed):
    """models.py's values; norms whose name it does not know get theirs here."""
    randomise(model, seed)
    noise = tensors(seed + 1000)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            if re.search(r"(LayerNorm|layernorm|layer_?norm\w*|layrnorm)\w*\.weight$", name):
                p.copy_(1 + 0.2 * noise(p.shape))
    return model


def padded_texts(lengths, seed):
    generator = torch.Generator().manual_seed(seed)
    ids, mask = torch.zeros(len(lengths), max(lengths), dtype=torch.int64), torch.zeros(len(lengths), max(lengths), dtype=torch.int64)
    for i, n in enumerate(lengths):
        ids[i, :n] = torch.randint(5, TEXT["vocab_size"], (n,), generator=generator)
        mask[i, :n] = 1
    return ids, mask


def bert(seed, pooler):
    return random_model(BertModel(BertConfig(**TEXT, attn_implementation="eager"), add_pooling_layer=pooler), seed)


def bert_state(model, prefix):
    state = {prefix + k: v for k, v in model.state_dict().items()}
    state[prefix + "embeddings.position_ids"] = torch.arange(TEXT["max_position_embeddings"])[None]
    return state


def text_tags(hidden, keep):
    """hidden states of the real tokens, text by text"""
    return {"tag.text_embeddings": keep(hidden[0]), **{f"tag.text_block.{i}": keep(h) for i, h in enumerate(hidden[1:])}}


def save_mixed(path, state):
    """Buffers of whole numbers stay whole."""
    from safetensors.torch import save_file
    save_file({k: v.detach().contiguous().clone() for k, v in state.items()}, path, metadata={"format": "pt"})


def normalised(x):
    return x / x.norm(dim=-1, keepdim=True)


def finish(path, pixels, ids, mask, features, text_features, scale, tags):
    dump = {"pixel_values": pixels, "image_embedding": normalised(features), "tag.image_features": features, **tags}
    if ids is not None:
        dump.update({"input_ids": ids, "attention_mask": mask, "text_embedding": normalised(text_features), "tag.text_features": text_features,
                     "logits_per_image": scale * normalised(features) @ normalised(text_features).T})
    save_dump(path / "reference.safetensors", dump)


def vit_tags(blocks, norm, tags):
    blocks[0].register_forward_pre_hook(lambda _module, inputs: tags.update({"tag.embeddings": inputs[0].detach().reshape(-1, inputs[0].shape[-1]).clone()}))
    for i, block in enumerate(blocks):
        block.register_forward_hook(record(tags, "block", i))
    if norm is not None:
        norm.register_forward_hook(record(tags, "encoder_norm"))


def packed(state, block, parts, weight, bias):
    """query, key and value of one block taken out of `state` and put back as one matrix"""
    for kind, name in (("weight", weight), ("bias", bias)):
        state[name] = torch.cat([state.pop(f"{block}{part}.{kind}") for part in parts])


def timm_names(model):
    state = dict(model.state_dict())
    out = {"cls_token": state.pop("embeddings.cls_token"), "pos_embed": state.pop("embeddings.position_embeddings")}
    for kind in ("weight", "bias"):
        out[f"patch_embed.proj.{kind}"] = state.pop(f"embeddings.patch_embeddings.projection.{kind}")
        out[f"norm.{kind}"] = state.pop(f"layernorm.{kind}")
    for i in range(model.config.num_hidden_layers):
        old = next(p for p in (f"encoder.layer.{i}.", f"layers.{i}.") if any(k.startswith(p) for k in state))
        ours = {k[len(old):]: state.pop(k) for k in list(state) if k.startswith(old)}
        names = ("attention.attention.query", "attention.attention.key", "attention.attention.value") if "attention.attention.query.weight" in ours \
            else ("attention.q_proj", "attention.k_proj", "attention.v_proj")
        rename = {"attention.output.dense": "attn.proj", "attention.o_proj": "attn.proj", "layernorm_before": "norm1", "layernorm_after": "norm2",
                  "intermediate.dense": "mlp.fc1", "output.dense": "mlp.fc2", "mlp.fc1": "mlp.fc1", "mlp.fc2": "mlp.fc2"}
        packed(ours, "", names, "attn.qkv.weight", "attn.qkv.bias")
        for k, v in ours.items():
            module, kind = k.rsplit(".", 1)
            out[f"blocks.{i}.{rename.get(module, module)}.{kind}"] = v
    assert not state, state.keys()
    return out


def write_biomedclip():
    width, hidden = 24, 28                           # 28: half way between 32 and 24
    config = ViTConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, image_size=32, patch_size=8,
                       layer_norm_eps=1e-6, hidden_act="gelu", attn_implementation="eager")
    vision = random_model(ViTModel(config, add_pooling_layer=False), 71)
    text = bert(72, pooler=False)
    noise = tensors(73)
    head, first, second = noise(width, 32) * 0.2, noise(hidden, 32) * 0.2, noise(width, hidden) * 0.2
    logit_scale = torch.tensor(3.0)

    path = folder("biomedclip")
    write_json(path / "open_clip_config.json", {
        "model_cfg": {"embed_dim": width,
                      "vision_cfg": {"timm_model_name": "vit_base_patch16_224", "timm_model_pretrained": False, "timm_pool": "", "timm_proj": "linear",
                                     "image_size": 32, "patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 4, "mlp_ratio": 2},
                      "text_cfg": {"hf_model_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", "hf_proj_type": "mlp",
                                   "hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": 20, **TEXT}}})
    (path / "hilum.toml").write_text(f"# The preset is found by open_clip_config.json.\n[embedding]\nwidth = {width}\n[text]\nhidden = [{hidden}]\n"
                                     "[tokenizer]\nlength = 20\n")
    state = {f"visual.trunk.{k}": v for k, v in timm_names(vision).items()}
    state.update({"visual.head.proj.weight": head, **bert_state(text, "text.transformer."), "text.proj.0.weight": first, "text.proj.2.weight": second,
                  "logit_scale": logit_scale})
    save_mixed(path / "model.safetensors", state)

    tags = {}
    vit_tags(vision.layers if hasattr(vision, "layers") else vision.encoder.layer, vision.layernorm, tags)
    pixels = tensors(74)(2, 3, 32, 32)
    ids, mask = padded_texts([7, 1, 20, 4], 75)
    with torch.no_grad():
        pooled = vision(pixels).last_hidden_state[:, 0]
        hidden_states = text(ids, attention_mask=mask, output_hidden_states=True).hidden_states    # padded and masked, as open_clip does
        text_pooled = hidden_states[-1][:, 0]
        text_features = torch.nn.functional.gelu(text_pooled @ first.T) @ second.T
    tags.update({"tag.image_pooled": pooled, "tag.text_pooled": text_pooled, **text_tags(hidden_states, lambda h: h[mask.bool()])})
    finish(path, pixels, ids, mask, pooled @ head.T, text_features, logit_scale.exp(), tags)


def swin_names(model):
    """The names of transformers 4, which the published file has; the index of the bias table was stored there too."""
    state = {**model.state_dict(), **{k: v for k, v in model.named_buffers() if k.endswith("relative_position_index")}}
    out = {}
    for key, value in state.items():
        for new, old in ((r"attention\.q_proj", "attention.self.query"), (r"attention\.k_proj", "attention.self.key"),
                         (r"attention\.v_proj", "attention.self.value"), (r"attention\.o_proj", "attention.output.dense"),
                         (r"attention\.relative_position_bias\.", "attention.self."), (r"mlp\.fc1", "intermediate.dense"), (r"mlp\.fc2", "output.dense")):
            key = re.sub(new, old, key)
        out[key] = value
    return out


def write_medclip():
    width = 24
    vision = random_model(SwinModel(SwinConfig(**SWIN, attn_implementation="eager")), 81)
    text = bert(82, pooler=True)
    noise = tensors(83)
    image_head, text_head = noise(width, 32) * 0.2, noise(width, 32) * 0.2
    logit_scale = torch.tensor(5.0)                  # above the limit of 4.6052

    path = folder("medclip")
    lines = lambda config: "\n".join(f"{k} = {v}" for k, v in config.items())
    (path / "hilum.toml").write_text(f'preset = "medclip"\n[embedding]\nwidth = {width}\n[image.config]\n{lines(SWIN)}\n[text.config]\n{lines(TEXT)}\n'
                                     "[tokenizer]\nlength = 20\n")
    state = {f"vision_model.model.{k}": v for k, v in swin_names(vision).items()}
    assert any(k.endswith("relative_position_index") for k in state)
    state.update({"vision_model.projection_head.weight": image_head, **bert_state(text, "text_model.model."),
                  "text_model.projection_head.weight": text_head, "logit_scale": logit_scale})
    save_mixed(path / "model.safetensors", state)

    tags = {}
    vision.embeddings.register_forward_hook(record(tags, "embeddings"))
    blocks = [block for stage in vision.encoder.layers for block in stage.blocks]
    for i, block in enumerate(blocks):
        block.register_forward_hook(record(tags, "block", i))
    vision.layernorm.register_forward_hook(record(tags, "encoder_norm"))
    grey = tensors(84)(2, 1, 48, 48)
    ids, mask = padded_texts([5, 11, 2], 85)
    rows, text_pooled = [], []
    with torch.no_grad():
        pooled = vision(grey.repeat(1, 3, 1, 1)).pooler_output
        for i in range(len(ids)):                    # each text alone: MedCLIP's mean counts padding
            hidden = text(ids[i, mask[i].bool()][None], output_hidden_states=True).hidden_states
            text_pooled.append(torch.stack([hidden[1].mean(1), hidden[2].mean(1), hidden[-1].mean(1)]).mean(0))
            rows.append([h[0] for h in hidden])
    text_pooled = torch.cat(text_pooled)
    hidden = [torch.cat(parts) for parts in zip(*rows)]
    tags.update({"tag.image_pooled": pooled, "tag.text_pooled": text_pooled, **text_tags(hidden, lambda h: h)})
    finish(path, grey, ids, mask, pooled @ image_head.T, text_pooled @ text_head.T, logit_scale.clamp(0, 4.6052).exp(), tags)


def write_rad_dino():
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "mlp_ratio": 2, "image_size": 42, "patch_size": 14}
    model = random_model(Dinov2Model(Dinov2Config(**sizes, attn_implementation="eager")), 91)
    path = folder("rad-dino")
    write_json(path / "config.json", {"architectures": ["Dinov2Model"], "model_type": "dinov2", "apply_layernorm": True, "out_features": ["stage2"],
                                      "out_indices": [2], "reshape_hidden_states": True, "hidden_act": "gelu", "layer_norm_eps": 1e-06,
                                      "num_channels": 3, "qkv_bias": True, "use_swiglu_ffn": False, **sizes})
    (path / "hilum.toml").write_text("# The preset is found by config.json.\n[embedding]\nwidth = 32\n")
    assert "encoder.layer.1.attention.attention.query.weight" in model.state_dict(), list(model.state_dict())
    save(path / "model.safetensors", model.state_dict())
    tags = {}
    vit_tags(model.layers if hasattr(model, "layers") else model.encoder.layer, model.layernorm, tags)
    pixels = tensors(92)(2, 3, 42, 42)
    with torch.no_grad():
        pooled = model(pixels).pooler_output
    finish(path, pixels, None, None, pooled, None, None, {**tags, "tag.image_pooled": pooled})


def open_clip_names(model):
    old = {k.removeprefix("vision_model."): v for k, v in model.state_dict().items()}
    out = {"proj": old.pop("visual_projection.weight").T, "class_embedding": old.pop("embeddings.class_embedding"),
           "positional_embedding": old.pop("embeddings.position_embedding.weight"), "conv1.weight": old.pop("embeddings.patch_embedding.weight")}
    for kind in ("weight", "bias"):
        out[f"ln_pre.{kind}"], out[f"ln_post.{kind}"] = old.pop(f"pre_layrnorm.{kind}"), old.pop(f"post_layernorm.{kind}")
    rename = {"self_attn.out_proj": "attn.out_proj", "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    for i in range(model.config.num_hidden_layers):
        ours = {k[len(f"encoder.layers.{i}."):]: old.pop(k) for k in list(old) if k.startswith(f"encoder.layers.{i}.")}
        packed(ours, "self_attn.", ("q_proj", "k_proj", "v_proj"), "attn.in_proj_weight", "attn.in_proj_bias")
        for k, v in ours.items():
            module, _, kind = k.rpartition(".")
            out[f"transformer.resblocks.{i}.{rename.get(module, module)}.{kind}"] = v
    assert set(old) <= {"embeddings.position_ids"}, old.keys()
    return out


def write_cxr_llava_encoder():
    """BF16 as published, beside tensors of the parts that write reports."""
    width = 12
    config = CLIPVisionConfig(hidden_size=32, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8,
                              num_channels=1, hidden_act="gelu", layer_norm_eps=1e-5, projection_dim=width, attn_implementation="eager")
    model = random_model(CLIPVisionModelWithProjection(config), 101)
    round_weights(model, torch.bfloat16)
    path = folder("cxr-llava-encoder")
    write_json(path / "config.json", {"architectures": ["CXRLLAVAModel"], "model_type": "CXR-LLAVA", "clip_embed_dim": width, "clip_quick_gelu": False,
                                      "clip_vision_cfg": {"image_size": 32, "layers": 2, "patch_size": 8, "width": 32, "head_width": 8}})
    (path / "hilum.toml").write_text(f'preset = "cxr-llava-encoder"  # config.json fits the whole system, too\n[embedding]\nwidth = {width}\n')
    state = {f"vision_tower.{k}": v for k, v in open_clip_names(model).items()}
    noise = tensors(102)
    state.update({"mm_projector.weight": noise(6, 32), "mm_projector.bias": noise(6), "llama.embed_tokens.weight": noise(4, 6),
                  "llama.norm.weight": noise(6), "lm_head.weight": noise(4, 6)})
    save(path / "model.safetensors", state, torch.bfloat16)
    tags = {}
    vision = getattr(model, "vision_model")
    vit_tags(vision.encoder.layers, None, tags)
    pixels = tensors(103)(2, 1, 32, 32)
    with torch.no_grad():
        out = model(pixels)
        pooled = vision(pixels).pooler_output
        tags["tag.encoder_norm"] = vision.post_layernorm(out.last_hidden_state).reshape(-1, 32)     # CXR-LLaVA norms every token
    finish(path, pixels, None, None, out.image_embeds, None, None, {**tags, "tag.image_pooled": pooled})


if __name__ == "__main__":
    write_biomedclip()
    write_medclip()
    write_rad_dino()
    write_cxr_llava_encoder()
    import transformers
    print("torch", torch.__version__, "transformers", transformers.__version__)
