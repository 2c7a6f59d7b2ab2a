#!/usr/bin/env python3
"""Writes testdata/text/clip_reduced.json: a **reduced** vocabulary of the CLIP kind that holds the pieces of MedImageInsight's published
prompts with their true ids. Intermediate pieces and all merges are invented (one chain a piece, left to right), in an order for which the
published prompts give their published ids; any other text gives other ids than the real table would.

Usage: reduced_clip_tokenizer.py OUT_FOLDER     (needs the Python package tokenizers; 0.23.1 wrote the committed file)
"""
import json
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

CHEST = [343, 268, 3077, 10563, 514, 20727, 22881, 2498]
CHEST_TEXT = "x-ray chest anteroposterior "
PROMPTS = {CHEST_TEXT + "Pneumonia": CHEST + [42906], CHEST_TEXT + "Cardiomegaly": CHEST + [6211, 3693, 2001, 344],
           CHEST_TEXT + "Cardiomegaly.": CHEST + [6211, 3693, 2001, 344, 269], CHEST_TEXT + "No Finding": CHEST + [871, 6002],
           CHEST_TEXT + "Pleural_Thickening": CHEST + [926, 33948, 318, 18417, 1133],
           "x-ray pediatric hand, age 12 months Male": [343, 268, 3077, 22071, 2463, 267, 805, 272, 273, 3109, 2801]}
PIECES = {"x</w>": 343, "-</w>": 268, "ray</w>": 3077, "chest</w>": 10563, "an": 514, "tero": 20727, "poster": 22881, "ior</w>": 2498, "pneumonia</w>": 42906,
          "cardi": 6211, "ome": 3693, "gal": 2001, "y</w>": 344, ".</w>": 269, "no</w>": 871, "finding</w>": 6002, "ple": 926, "ural</w>": 33948, "_</w>": 318,
          "thick": 18417, "ening</w>": 1133, "pediatric</w>": 22071, "hand</w>": 2463, ",</w>": 267, "age</w>": 805, "1</w>": 272, "2</w>": 273, "months</w>": 3109,
          "male</w>": 2801}
PATTERN = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def build(pieces, order):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {"<|startoftext|>": 49406, "<|endoftext|>": 49407, **pieces}
    spare = iter(i for i in range(41000, 49406) if i not in vocab.values())
    for a in alphabet:
        for p in (a, a + "</w>"):
            if p not in vocab: vocab[p] = next(spare)
    merges = []
    for piece in order:
        bare = piece.removesuffix("</w>")
        symbols = list(bare)
        if piece != bare: symbols[-1] += "</w>"
        whole = symbols[0]
        for s in symbols[1:]:
            if (whole, s) not in merges: merges.append((whole, s))
            whole += s
            if whole not in vocab: vocab[whole] = next(spare)
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(s, normalized=True, special=True) for s in ("<|startoftext|>", "<|endoftext|>")])
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 49407), ("<|startoftext|>", 49406), trim_offsets=False, add_prefix_space=False)
    return tokenizer


def main(out):
    random.seed(1)
    order = [p for p in PIECES if len(p.removesuffix("</w>")) > 1]
    for _ in range(20000):
        tokenizer = build(PIECES, order)
        if all(tokenizer.encode(t).ids == [49406, *ids, 49407] for t, ids in PROMPTS.items()): break
        random.shuffle(order)
    else:
        raise SystemExit("no order of the merges gives the published ids")
    data = {"file": json.loads(tokenizer.to_str()), "prompts": [{"text": t, "ids": [49406, *ids, 49407]} for t, ids in PROMPTS.items()]}
    with open(f"{out}/clip_reduced.json", "w", encoding="utf-8") as f:
        f.write(json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n")


main(sys.argv[1])
