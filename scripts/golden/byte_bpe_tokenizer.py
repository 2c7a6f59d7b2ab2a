#!/usr/bin/env python3
"""Writes testdata/text/byte_bpe.json: small byte-level BPE tokenizers trained by the `tokenizers` library on made-up sentences, in several
configurations, with its encodings and decodings of odd strings; and a corpus with the vocabulary and merges its trainer finds.

Usage: byte_bpe_tokenizer.py OUT_FOLDER             (needs the Python package tokenizers; 0.23.1 wrote the committed file)
"""
import json
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

random.seed(20)
WORDS = ("the a no small large left right lower upper lobe zone effusion opacity nodule normal heart size is are there seen isn't don't we'll "
         "mediastinum pleural pneumothorax 12 345 mm cm 3.5 naïve cœur straße 漢字 , . ; : ( ) / -").split()
CORPUS = [" ".join(random.choice(WORDS) for _ in range(random.randint(3, 12))).replace(" .", ".") for _ in range(120)]
CORPUS += ["  two  blanks\tand\ttabs\n\nlines ", "aaaa aaaaaaa aaaa", "<obj>there is<box> abab ababab", ""]
ODD = ["", " ", "  a", "a  ", "\n\n x\t y ", "don't we'll I'VE 'tis", "12345 3.14", "naïve cœur straße", "漢字かな", "🙂👩\u200d👩\u200d👧", "a\u0301 e\u0301é",
       "\u00a0\u2003x", "x\u180ey", "x\u0085y", "\x00\x7f", "<s>a</s>", "<obj>there <obj> there<obj>", "the <image> a", "the  <image>  a", "<x5> a <x5>  b",
       "ab cab ab_ ab-ab", " <box> a <box>", "ﬁ ſ İ K", "no small effusion, the heart size is normal.", "�", "aaaaaaaaa", "<ob<obj>j>"]
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def make(pre, normalizer=None, vocab_size=420, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre, decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=vocab_size, min_frequency=2, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    tokenizer.add_tokens([AddedToken("<obj>", normalized=False), AddedToken("<image>", normalized=True, lstrip=True),
                          AddedToken("<x5>", normalized=True, rstrip=True), AddedToken("ab", single_word=True),
                          AddedToken("<box>", normalized=False, lstrip=True, rstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    return tokenizer


def record(tokenizer):
    encode = [{"text": t, "ids": tokenizer.encode(t).ids} for t in ODD]
    size = tokenizer.get_vocab_size()
    sequences = [e["ids"] for e in encode] + [[random.randrange(size) for _ in range(random.randint(1, 12))] for _ in range(40)]
    decode = [{"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True), "all": tokenizer.decode(ids, skip_special_tokens=False)}
              for ids in sequences]
    return {"file": json.loads(tokenizer.to_str()), "encode": encode, "decode": decode}


def main(out):
    level = pre_tokenizers.ByteLevel
    split = pre_tokenizers.Split
    variants = {
        "gpt2": make(level(add_prefix_space=False)),
        "prefix space, NFC": make(level(add_prefix_space=True), normalizers.NFC()),
        "llama-3 split, ignore_merges": make(pre_tokenizers.Sequence([split(Regex(LLAMA3), "isolated"), level(False, use_regex=False)]),
                                             ignore_merges=True),
        "split removed, NFKD": make(pre_tokenizers.Sequence([split(Regex(r"\S+|\s"), "removed", invert=True), level(False)]), normalizers.NFKD()),
    }
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = level(add_prefix_space=False)
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=500, min_frequency=2, special_tokens=["<s>", "</s>"],
                                                            initial_alphabet=level.alphabet(), show_progress=False))
    model = json.loads(trained.to_str())["model"]
    data = {"variants": {name: record(t) for name, t in variants.items()},
            "training": {"texts": CORPUS, "vocab_size": 500, "min_frequency": 2, "vocab": model["vocab"], "merges": model["merges"]}}
    with open(f"{out}/byte_bpe.json", "w", encoding="utf-8") as f:
        f.write(json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n")


main(sys.argv[1])
