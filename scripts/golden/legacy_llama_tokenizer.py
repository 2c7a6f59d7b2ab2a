#!/usr/bin/env python3
"""Writes testdata/text/legacy_llama.json: what transformers' tokenizer class over SentencePiece (its slow form, which LlamaTokenizer was) makes of texts with
special tokens and those of added_tokens.json in them, each marked "normalized": true, as older folders have them. Over testdata/text/sentencepiece.model.
transformers 5.12 wrote the committed file. From the repository:

    python3 scripts/golden/legacy_llama_tokenizer.py testdata/text
"""
import json
import pathlib
import sys

import transformers
from transformers import AddedToken
from transformers.tokenization_utils_sentencepiece import SentencePieceBackend

OUT = pathlib.Path(sys.argv[1])
TEXTS = ["<s>The heart", "<s> The heart", "The heart</s>The heart", "<s>a <image> b", "a<image>b", "a <image>  b", "<image>", "x <image> <s>y", "<obj>No opacity.</obj>",
         "<obj> left </obj> right", "[ROI]left[ROI] right", "a [ROI] b", "<s><s>", "</s>", "left <image>", "USER: <image> left ASSISTANT:"]
ADDED = {"<image>": {}, "<obj>": {}, "</obj>": {}, "[ROI]": {"lstrip": True, "rstrip": True}}
special = {name: AddedToken(text, normalized=True, special=True) for name, text in (("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"))}
tokenizer = SentencePieceBackend(vocab_file=str(OUT / "sentencepiece.model"), legacy=True, **special)
tokenizer.add_tokens([AddedToken(text, normalized=True, **flags) for text, flags in ADDED.items()])
rows = [{"text": text, "ids": tokenizer.convert_tokens_to_ids(tokenizer.tokenize(text))} for text in TEXTS]
added = {text: tokenizer.convert_tokens_to_ids(text) for text in ADDED}
(OUT / "legacy_llama.json").write_text(json.dumps({"transformers": transformers.__version__, "added": added, "flags": ADDED, "rows": rows}, indent=0) + "\n")
print(len(rows), added)
