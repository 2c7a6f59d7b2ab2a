#!/usr/bin/env python3
"""Writes testdata/models/lora: LoRA adapters for the tiny models of testdata/models, as PEFT saves them, with what PEFT makes of them.

    python3 scripts/golden/lora.py testdata/models

The adapters are made, saved and merged (merge_and_unload) by PEFT's own code around the modules of models.py and cxr_llava.py, in the storage type of
the model's file. reference.safetensors is the merged model's forward pass in float32; merged.json holds the SHA-256 of every weight that the merge
changed, as stored. Values of A and B are multiples of 1/64 (of embeddings 1/8): their products are exact in float32 whatever the order of the sum, so
the merged weights must be equal to the bit.
"""
import hashlib
import json
import shutil

import peft
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForCausalLM, Phi3Config, Phi3ForCausalLM

from models import IMAGE, OUT, Maira2, folder, maira2_inputs, save_dump, write_json

TEXT = ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "max_position_embeddings",
        "rms_norm_eps", "hidden_act", "bos_token_id", "eos_token_id"]


def stored(name):
    return {k: v for file in sorted((OUT / name).glob("model*.safetensors")) for k, v in load_file(file).items()}


def fill(model, module, dtype):
    """The stored values, kept in their storage type. Positions are no weights: they stay in float32."""
    missing, unexpected = module.load_state_dict(model, strict=False)
    assert not unexpected and not [k for k in missing if "rotary" not in k and "inv_freq" not in k], (missing, unexpected)
    for p in module.parameters():
        p.data = p.data.to(dtype)
    return module.eval()


def coarse(shape, step, reach, generator):
    return (torch.randn(shape, generator=generator) * reach / step).round().clamp(-64, 64) * step


def make(name, base_name, build, dtype, config, safe=True):
    """Trained values stand in for training; then saved, loaded around a fresh model, and merged."""
    path = folder("lora/" + name)
    base = build()
    before = {k: v.clone() for k, v in base.state_dict().items()}
    model = get_peft_model(base, LoraConfig(**config))
    generator = torch.Generator().manual_seed(sum(name.encode()))
    with torch.no_grad():
        for key, p in sorted(model.named_parameters()):
            if "lora_embedding" in key:
                p.copy_(coarse(p.shape, 1 / 8, 0.2, generator))
            elif "lora_" in key:
                p.copy_(coarse(p.shape, 1 / 64, 0.15, generator))
            elif "modules_to_save" in key:
                p.copy_((p.float() + 0.1 * torch.randn(p.shape, generator=generator)).to(p.dtype))
    model.peft_config["default"].base_model_name_or_path = base_name
    model.save_pretrained(path, safe_serialization=safe)
    for left in path.glob("README.md"):
        left.unlink()
    merged = PeftModel.from_pretrained(build(), path).merge_and_unload()
    after = merged.state_dict()
    changed = {k: v for k, v in after.items() if not torch.equal(v, before[k])}
    assert all(v.dtype == dtype for v in changed.values()) and set(after) == set(before)
    write_json(path / "merged.json", {k: hashlib.sha256(v.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest() for k, v in sorted(changed.items())})
    return path, merged.float()


class CxrLlava(torch.nn.Module):
    """What stands behind the vision tower, under the published names."""

    def __init__(self):
        super().__init__()
        config = json.loads((OUT / "cxr-llava/config.json").read_text())["llama"]
        language = LlamaForCausalLM(LlamaConfig(**{k: config[k] for k in TEXT}, attn_implementation="eager"))
        self.llama, self.lm_head, self.mm_projector = language.model, language.lm_head, torch.nn.Linear(32, 48)

    def logits(self, x):
        return self.lm_head(self.llama(inputs_embeds=x[None]).last_hidden_state)[0]


def write_cxr_llava():
    """BF16 model, rank-stabilised scale, the projector trained whole, saved by torch.save."""
    weights = {k: v for k, v in stored("cxr-llava").items() if not k.startswith("vision_tower")}
    path, model = make("cxr-llava", "ECOFRI/CXR-LLAVA-v2", lambda: fill(weights, CxrLlava(), torch.bfloat16), torch.bfloat16,
                                dict(r=4, lora_alpha=3, use_rslora=True, target_modules=["q_proj", "up_proj", "lm_head"], modules_to_save=["mm_projector"]),
                                safe=False)
    dump = load_file(OUT / "cxr-llava/reference.safetensors")
    ids = dump["input_ids"].tolist()
    first, last = ids.index(-200), len(ids) - ids[::-1].index(-200)
    ids = ids[:last + 1]
    with torch.no_grad():
        projected = model.mm_projector(dump["image_features"])
        embed = model.llama.embed_tokens
        x = torch.cat([embed(torch.tensor(ids[:first])), projected[0], embed(torch.tensor(ids[last:]))])
        logits = model.logits(x)
    save_dump(path / "reference.safetensors", {"pixel_values": dump["pixel_values"], "input_ids": torch.tensor(ids), "projected": projected, "logits": logits})


def write_maira2():
    """F16 model: encoder and language model, embeddings, ranks and alphas of their own, a projector layer trained whole."""
    def build():
        return fill(stored("maira2-f16"), Maira2(seed=1, layers=1), torch.float16)
    path, model = make("maira2-f16", "microsoft/maira-2", build, torch.float16,
                                dict(r=2, lora_alpha=4, target_modules=["query", "value", "fc1", "q_proj", "down_proj", "embed_tokens"], modules_to_save=["layers.6"],
                                     rank_pattern={"language_model.model.layers.0.self_attn.q_proj": 4, r"encoder.layer.\d+.mlp.fc1": 3},
                                     alpha_pattern={"q_proj": 6, "^vision_tower.*query": 1}))
    pixels, ids = maira2_inputs(1)
    ids = ids[:int((ids == IMAGE).nonzero().max()) + 3]
    tags = {}
    with torch.no_grad():
        model(pixels, ids[None], tags)
    save_dump(path / "reference.safetensors", {"pixel_values": pixels, "input_ids": ids, **tags})


def write_phi3():
    """BF16 model whose queries, keys and values lie in one matrix, gate and up in another."""
    config = json.loads((OUT / "phi3/config.json").read_text())
    rope = {"rope_type": "longrope", "rope_theta": config["rope_theta"], **{k: v for k, v in config["rope_scaling"].items() if k != "type"},
            "original_max_position_embeddings": 24}

    def build():
        return fill(stored("phi3"), Phi3ForCausalLM(Phi3Config(
            **{k: config[k] for k in TEXT}, original_max_position_embeddings=24, sliding_window=12, rope_parameters=rope, pad_token_id=0,
            attn_implementation="eager")), torch.bfloat16)
    path, model = make("phi3", "microsoft/Phi-3-mini-4k-instruct", build, torch.bfloat16,
                                dict(r=3, lora_alpha=6, target_modules=["qkv_proj", "gate_up_proj"]))
    ids = load_file(OUT / "phi3/reference_short.safetensors")["input_ids"][:12]
    with torch.no_grad():
        logits = model(ids[None]).logits[0]
    save_dump(path / "reference.safetensors", {"input_ids": ids, "logits": logits})


if __name__ == "__main__":
    shutil.rmtree(OUT / "lora", ignore_errors=True)
    write_cxr_llava()
    write_maira2()
    write_phi3()
    import transformers
    print("torch", torch.__version__, "transformers", transformers.__version__, "peft", peft.__version__)
