#!/usr/bin/env python3
"""Writes testdata/models/medimageinsight and testdata/models/clip-text: tiny random checkpoints and reference dumps of them.

    python3 scripts/golden/medimageinsight.py testdata/models

The image tower is transformers' Florence2VisionBackbone with its parameters renamed to MedImageInsight's; mean, norm and projection behind it
are written here from the published description. MedImageInsight's text tower is re-implemented here with torch.nn.MultiheadAttention from
that description: no library has it. clip-text is transformers' CLIPTextModelWithProjection. Everything runs in float32.
"""
import pathlib
import re
import sys

import torch
from transformers import CLIPTextConfig, CLIPTextModelWithProjection
from transformers.models.florence2.configuration_florence2 import Florence2VisionConfig
from transformers.models.florence2.modeling_florence2 import Florence2VisionBackbone

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from models import folder, randomise, round_weights, save, save_dump, write_json

VISION = {"embed_dim": [16, 24, 40], "depths": [1, 2, 1], "num_heads": [2, 3, 5], "num_groups": [4, 3, 5], "patch_size": [7, 3, 3],
          "patch_stride": [4, 2, 2], "patch_padding": [3, 1, 1], "patch_prenorm": [False, True, True], "window_size": 3}
TEXT = {"vocab_size": 80, "max_position_embeddings": 16, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 128}
WIDTH = 28                                           # of embeddings
END = TEXT["vocab_size"] - 1


class LayerNorm(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(width))
        self.bias = torch.nn.Parameter(torch.zeros(width))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = (x - mean).pow(2).mean(-1, keepdim=True)
        return self.weight * ((x - mean) / torch.sqrt(var + 1e-12)) + self.bias


class Block(torch.nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.attn = torch.nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_1 = LayerNorm(width)
        self.mlp = torch.nn.Module()
        self.mlp.c_fc = torch.nn.Linear(width, hidden)
        self.mlp.c_proj = torch.nn.Linear(hidden, width)
        self.ln_2 = LayerNorm(width)

    def forward(self, x, padding):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, key_padding_mask=padding, need_weights=False)[0]
        y = self.mlp.c_fc(self.ln_2(x))
        return x + self.mlp.c_proj(y * torch.sigmoid(1.702 * y))


class TextTower(torch.nn.Module):
    """Bidirectional, padding excluded as keys, read at the first greatest id."""

    def __init__(self):
        super().__init__()
        c = TEXT
        self.token_embedding = torch.nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.positional_embedding = torch.nn.Parameter(torch.zeros(c["max_position_embeddings"], c["hidden_size"]))
        self.resblocks = torch.nn.ModuleList(Block(c["hidden_size"], c["num_attention_heads"], c["intermediate_size"]) for _ in range(c["num_hidden_layers"]))
        self.ln_final = LayerNorm(c["hidden_size"])

    def forward(self, ids, mask, tags):
        def keep(name, x):                           # rows of real tokens, text by text
            tags[f"tag.{name}"] = x[mask.bool()].clone()
        x = self.token_embedding(ids) + self.positional_embedding[: ids.shape[1]]
        keep("text_embeddings", x)
        for i, block in enumerate(self.resblocks):
            x = block(x, mask == 0)
            keep(f"text_block.{i}", x)
        return self.ln_final(x)[torch.arange(len(ids)), ids.argmax(-1)]


def davit_key(key):
    attention = "channel_attn" if ".channel_block." in key else "window_attn"
    for old, new in ((r"^(convs\.\d+)\.conv\.", r"\1.proj."), (r"\.(conv[12])\.(weight|bias)$", r".\1.fn.dw.\2"), (r"\.norm1\.", f".{attention}.norm."),
                     (rf"\.{attention}\.(qkv|proj)\.", rf".{attention}.fn.\1."), (r"\.norm2\.", ".ffn.norm."), (r"\.ffn\.(fc[12])\.", r".ffn.fn.net.\1.")):
        key = re.sub(old, new, key)
    return "image_encoder." + key


def make_padded(lengths, seed):
    generator = torch.Generator().manual_seed(seed)
    longest = max(lengths)
    ids, mask = torch.zeros(len(lengths), longest, dtype=torch.int64), torch.zeros(len(lengths), longest, dtype=torch.int64)
    for i, n in enumerate(lengths):
        ids[i, :n] = torch.cat([torch.tensor([END - 1]), torch.randint(1, END - 1, (n - 2,), generator=generator), torch.tensor([END])])
        mask[i, :n] = 1
    return ids, mask


def randomise_text(module, seed):
    randomise(module, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for name, p in sorted(module.named_parameters()):
            if re.search(r"(ln_\w+|layer_?norm\w*|layer_norm\d)\.weight$", name):
                p.copy_(1 + 0.2 * torch.randn(p.shape, generator=generator))
    return module


def write_medimageinsight():
    vision = randomise(Florence2VisionBackbone(Florence2VisionConfig(**VISION, projection_dim=WIDTH, attn_implementation="eager")), 51)
    norms = randomise_text(torch.nn.ModuleDict({"norm": torch.nn.LayerNorm(VISION["embed_dim"][-1])}), 52)["norm"]
    text = randomise_text(TextTower(), 53)
    generator = torch.Generator().manual_seed(54)
    image_projection = torch.randn(VISION["embed_dim"][-1], WIDTH, generator=generator) * 0.2
    lang_projection = torch.randn(TEXT["hidden_size"], WIDTH, generator=generator) * 0.2
    logit_scale = torch.tensor(2.5)

    path = folder("medimageinsight")
    lists = "\n".join(f"{k} = {str(v).lower()}" for k, v in VISION.items())
    sizes = "\n".join(f"{k} = {v}" for k, v in TEXT.items())
    (path / "hilum.toml").write_text(f'preset = "medimageinsight"\n[embedding]\nwidth = {WIDTH}\n[image.config]\nimage_size = 40\n{lists}\n'
                                     f'[text.config]\n{sizes}\n[tokenizer]\nlength = 16\n')
    state = {davit_key(k): v for k, v in vision.state_dict().items()}
    state.update({f"image_encoder.norms.{k}": v for k, v in norms.state_dict().items()})
    state.update({f"lang_encoder.{k}": v for k, v in text.state_dict().items()})
    state.update(image_projection=image_projection, lang_projection=lang_projection, logit_scale=logit_scale)
    save(path / "model.safetensors", state)

    tags, count = {}, [0]

    def rows(name):
        def hook(_module, _inputs, x):               # [N, D, h, w] -> [N*T, D]
            tags[f"tag.{name}"] = x.detach().permute(0, 2, 3, 1).reshape(-1, x.shape[1]).clone()
        return hook

    for i, stage in enumerate(vision.blocks):
        vision.convs[i].register_forward_hook(rows(f"stage_embed.{i}"))
        for pair in stage:
            for block in (pair.spatial_block, pair.channel_block):
                block.register_forward_hook(rows(f"block.{count[0]}"))
                count[0] += 1
    pixels = torch.randn(2, 3, 40, 44, generator=torch.Generator().manual_seed(55))  # not square: rows and columns must not be mixed up
    ids, mask = make_padded([9, 3, 16], 56)
    with torch.no_grad():
        last = vision(pixels).last_hidden_state      # [N, D, h, w]
        pooled = norms(last.flatten(2).mean(-1))     # [N, D]
        features = pooled @ image_projection         # [N, E]
        text_pooled = text(ids, mask, tags)
        text_features = text_pooled @ lang_projection
        image_embedding = features / features.norm(dim=-1, keepdim=True)
        text_embedding = text_features / text_features.norm(dim=-1, keepdim=True)
        logits = logit_scale.exp() * image_embedding @ text_embedding.T
    tags.update({"tag.image_pooled": pooled, "tag.image_features": features, "tag.text_pooled": text_pooled, "tag.text_features": text_features})
    save_dump(path / "reference.safetensors", {"pixel_values": pixels, "input_ids": ids, "attention_mask": mask, "image_embedding": image_embedding,
                                               "text_embedding": text_embedding, "logits_per_image": logits, **tags})


def write_clip_text():
    """CLIP's own text tower: causal, three projections, another eps; F16 storage."""
    config = CLIPTextConfig(**TEXT, projection_dim=24, hidden_act="quick_gelu", eos_token_id=2, bos_token_id=0, attn_implementation="eager")
    model = randomise_text(CLIPTextModelWithProjection(config), 61)
    round_weights(model, torch.float16)
    path = folder("clip-text")
    write_json(path / "config.json", {**TEXT, "model_type": "clip_text_model", "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5})
    state = {k: v for k, v in model.state_dict().items() if "position_ids" not in k}
    save(path / "model.safetensors", state, torch.float16)
    ids, mask = make_padded([5, 12], 62)
    with torch.no_grad():
        out = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    rows = {f"tag.text_block.{i}": h[mask.bool()] for i, h in enumerate(out.hidden_states[1:])}
    pooled = model.text_model.final_layer_norm(out.hidden_states[-1])[torch.arange(2), ids.argmax(-1)]
    assert torch.allclose(model.text_projection(pooled), out.text_embeds, atol=1e-6)
    save_dump(path / "reference.safetensors", {"input_ids": ids, "attention_mask": mask, "text_features": out.text_embeds, "tag.text_pooled": pooled,
                                               "tag.text_embeddings": out.hidden_states[0][mask.bool()], **rows})


if __name__ == "__main__":
    write_medimageinsight()
    write_clip_text()
