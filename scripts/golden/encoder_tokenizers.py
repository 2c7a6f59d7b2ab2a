#!/usr/bin/env python3
"""Writes testdata/text/{wordpiece,clip_bpe}.json: small WordPiece and CLIP-kind vocabularies, trained by the `tokenizers` library on
radiology sentences made up here, in several configurations, with its encodings and decodings of odd strings; the same vocabularies as
files (vocab.txt; vocab.json + merges.txt), with what transformers' own BertTokenizer and CLIPTokenizer make of the strings.
Also testdata/text/bert_characters.json: what BERT's cleaning does to each code point.

Usage: encoder_tokenizers.py OUT_FOLDER     (Python packages tokenizers 0.23.1 and transformers 5.12.1 wrote the committed files)
"""
import json
import pathlib
import random
import sys
import tempfile
import types

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertTokenizer, CLIPTokenizer
from transformers.models.clip import tokenization_clip

# These two versions disagree on one argument's name; the class is otherwise used as it is.
tokenization_clip.processors = types.SimpleNamespace(RobertaProcessing=lambda sep, cls, **rest: processors.RobertaProcessing(sep, cls, **rest))
random.seed(77)
OUT = pathlib.Path(sys.argv[1])
CORPUS = """The heart is normal in size. The lungs are clear without focal consolidation, pleural effusion or pneumothorax.
Small left pleural effusion with adjacent atelectasis. Right lower lobe opacity may represent pneumonia in the proper clinical setting.
Endotracheal tube terminates 3.5 cm above the carina. Nasogastric tube courses below the diaphragm.
Mild cardiomegaly with pulmonary vascular congestion and interstitial edema. No acute osseous abnormality.
Right-sided PICC line tip projects over the SVC. There isn't evidence of free air; we don't see a mediastinal shift.
X-ray chest anteroposterior view. Compared to the prior study of 12/03/2019, the bibasilar opacities have improved.
Calcified granuloma in the left upper lobe, unchanged. Degenerative changes of the thoracic spine. Tortuous aorta.
Patient's sternotomy wires are intact. Status post CABG. Hyperinflated lungs, flattened diaphragms: COPD.
Nodule of 8 mm in the right mid zone, follow-up CT recommended. Rib fractures 4, 5 and 6. Hiatal hernia. naïve café Röntgen 心臟 肺
this is a photo of pleural thickening, subcutaneous emphysema, fibrosis, infiltration, mass, hernia, support devices""".split("\n")
WORDS = [w for line in CORPUS for w in line.split()]
ODD = ["", " ", "  a", "a  ", "\n\n x\t y \r\n", "don't we'll I'VE 'tis they're it's a 's", "12345 3.14 1/2 8mm 8 mm", "naïve café Röntgen Ångström ÅNGSTRÖM",
       "漢字かな心臟肺 肺の影", "한국어 x", "🙂👩\u200d👩\u200d👧 ok🙂ok", "a\u0301 e\u0301é E\u0301 \u0301", "\u00a0\u2003x\u3000y", "x\u180ey", "x\u0085y\u2028z", "\x00\x07\x7fa\x01b",
       "soft\u00adhyphen zero\u200bwidth \ufeffbom \ufffd", "[CLS] a [SEP]", "[cls] [MASK]effusion", "[UNK] [PAD]", "<|startoftext|>heart<|endoftext|>",
       "<|STARTOFTEXT|> x", "ﬁne ſ İstanbul ISTANBUL ß ẞ ǅ K Σίσυφος ΣΙΣΥΦΟΣ", "No pleural effusion, the heart size is normal.", "PNEUMOTHORAX!!! ??? ...",
       "Pleural_Thickening", "x-ray chest anteroposterior Pleural_Thickening", "right-sided;left–sided—both “quoted” ‘x’ «y» …", "a/b\\c|d~e^f`g$h+i=j<k>l@m#n%o&p*q(r)s{t}u[v]",
       "x" * 99, "x" * 100, "x" * 101, "heart" * 30, "é" * 100, "ab" * 60, "１２３ ＡＢＣ", "Ⅳ ² ½ ①", "ʼ ՚ ،؟ ।", "שלום مرحبا", "\U0001d400\U00020000\ue000\U0010ffff",
       "the&amp;heart &lt;2 cm", "<obj>heart <obj> lung", "the <img>  heart", "re  <x5> y <x5>", "lung lungs", "\t", "\u0300", "'", "''s", "a'm", " do not ", "n't"]
ODD += [" ".join(random.choice(WORDS) for _ in range(random.randint(1, 12))) for _ in range(60)]
ODD += ["".join(random.choice(["a", "é", "E", " ", "-", "'", "肺", "\u0301", "1", ".", "s", "heart", "\u00a0", "İ", "🙂", "_", "THE"]) for _ in range(random.randint(1, 14)))
        for _ in range(140)]
ODD += ["".join(random.choice(w) for w in random.choices(WORDS, k=random.randint(1, 10))) for _ in range(30)]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def rows(encode, decode, size, texts=ODD, decode_all=True):
    """Encodings of the texts; decodings of those and of random ids."""
    encoded = [{"text": t, "ids": encode(t)} for t in texts]
    sequences = [e["ids"] for e in encoded[:40]] + [[random.randrange(size) for _ in range(random.randint(1, 12))] for _ in range(30)]
    return {"encode": encoded, "decode": [{"ids": s, "text": decode(s, True), "all": decode(s, False)} for s in sequences]}


def record(tokenizer, texts=ODD[:66] + ODD[-50:]):
    tokenizer.no_truncation(), tokenizer.no_padding()
    return {"file": json.loads(tokenizer.to_str()),
            **rows(lambda t: tokenizer.encode(t).ids, lambda s, skip: tokenizer.decode(s, skip_special_tokens=skip), tokenizer.get_vocab_size(), texts)}


def lengths(tokenizer):
    """Rows of fixed length: ids and mask under truncation and padding settings."""
    out = []
    for trunc, pad in [(dict(max_length=7), dict(length=12)), (dict(max_length=4, direction="left"), None), (None, dict(pad_to_multiple_of=5, direction="left")),
                       (dict(max_length=77), dict(length=77, pad_id=1, pad_token=tokenizer.id_to_token(1))), (dict(max_length=2), dict(length=3))]:
        tokenizer.no_truncation(), tokenizer.no_padding()
        if trunc: tokenizer.enable_truncation(**trunc)
        if pad: tokenizer.enable_padding(**pad)
        file = json.loads(tokenizer.to_str())
        texts = ["", "heart", "The heart is normal in size. The lungs are clear."]
        out.append({"truncation": file["truncation"], "padding": file["padding"],
                    "rows": [{"text": t, "ids": e.ids, "mask": e.attention_mask} for t in texts for e in [tokenizer.encode(t)]]})
    tokenizer.no_truncation(), tokenizer.no_padding()
    return out


def bert(normalizer, post, vocab_size=380, corpus=CORPUS, **model):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=vocab_size, min_frequency=1, special_tokens=SPECIALS, show_progress=False))
    vocab = tokenizer.get_vocab()
    tokenizer.model = models.WordPiece(vocab, unk_token="[UNK]", **model)
    tokenizer.decoder = decoders.WordPiece(prefix=model.get("continuing_subword_prefix", "##"))
    ids = {s: vocab[s] for s in SPECIALS}
    if post == "template":
        tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                                 special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    elif post == "bert":
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    return tokenizer


def wordpiece():
    B = normalizers.BertNormalizer
    variants = {"uncased": bert(B(lowercase=True), "template"), "cased": bert(B(lowercase=False), "bert"),
                "lower-cased over a cased vocabulary": None, "accents kept": bert(B(strip_accents=False, lowercase=True), "bert", max_input_chars_per_word=20),
                "no cleaning, no ideographs": bert(B(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False), None),
                "parts one by one": bert(normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip(),
                                                               normalizers.Replace("ct", "computed  "), normalizers.Replace(Regex(r"\d+"), "9")]), "template"),
                "NFKC, added tokens": bert(normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]), "bert")}
    lower = bert(B(lowercase=False), "bert")
    lower.normalizer = B(lowercase=True)
    variants["lower-cased over a cased vocabulary"] = lower
    variants["NFKC, added tokens"].add_tokens([AddedToken("<obj>", normalized=False), AddedToken("<IMG>", normalized=True, lstrip=True, rstrip=True),
                                               AddedToken("<x5>", normalized=True, rstrip=True), AddedToken("lung", single_word=True)])
    files = {}
    for name, base, config in [("no settings", "uncased", {}), ("cased", "cased", {"do_lower_case": False}),
                               ("cased vocabulary, library default", "cased", {"model_max_length": 77}),
                               ("accents kept", "uncased", {"strip_accents": False, "tokenize_chinese_chars": False, "tokenizer_class": "BertTokenizer"})]:
        vocab = variants[base].get_vocab()
        lines = "".join(p + "\n" for p in sorted(vocab, key=vocab.get))
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "vocab.txt").write_text(lines, encoding="utf-8")
            own = BertTokenizer.from_pretrained(folder, **config) if config else BertTokenizer.from_pretrained(folder)
            back = own.backend_tokenizer
            back.no_truncation(), back.no_padding()
            files[name] = {"config": config, "vocab.txt": lines,
                           **rows(lambda t: own(t)["input_ids"], lambda s, skip: back.decode(s, skip_special_tokens=skip), len(vocab), ODD[:60] + ODD[-60:])}
    return {"variants": {n: record(t, ODD) if n in ("uncased", "cased") else record(t) for n, t in variants.items()}, "files": files, "lengths": {"file": "uncased", "settings": lengths(variants["uncased"])}}


CLIP_PATTERN = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def clip(decoder, unk="<|endoftext|>", normalized=True, pattern=CLIP_PATTERN):
    """CLIP's vocabulary: the 256 bytes, the same with </w>, one entry a merge, then the two specials."""
    trainer_tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    steps = [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    pre = [pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    trainer_tokenizer.normalizer, trainer_tokenizer.pre_tokenizer = normalizers.Sequence(steps), pre_tokenizers.Sequence(pre)
    trainer_tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=560, min_frequency=2, end_of_word_suffix="</w>", show_progress=False,
                                                                      initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    merges = [tuple(m) for m in json.loads(trainer_tokenizer.to_str())["model"]["merges"]]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = alphabet + [a + "</w>" for a in alphabet] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    pieces = list(dict.fromkeys(pieces))
    vocab = {p: i for i, p in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token=unk, continuing_subword_prefix="", end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = trainer_tokenizer.normalizer, trainer_tokenizer.pre_tokenizer, decoder
    tokenizer.add_special_tokens([AddedToken(s, normalized=normalized, special=True) for s in ("<|startoftext|>", "<|endoftext|>")])
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", vocab["<|endoftext|>"]), ("<|startoftext|>", vocab["<|startoftext|>"]),
                                                            trim_offsets=False, add_prefix_space=False)
    return tokenizer, vocab, merges


def clip_bpe():
    byte_level = clip(decoders.ByteLevel())
    suffix = clip(decoders.BPEDecoder(suffix="</w>"), normalized=False)
    _, vocab, merges = byte_level
    merges_txt = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges)
    texts = [t for t in ODD[:60] + ODD[-60:] if "</w>" not in t]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
        pathlib.Path(folder, "merges.txt").write_text(merges_txt, encoding="utf-8")
        special = {n: {"__type": "AddedToken", "content": c, "single_word": False, "lstrip": False, "rstrip": False, "normalized": True}
                   for n, c in [("bos_token", "<|startoftext|>"), ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>")]}
        special["pad_token"] = "<|endoftext|>"
        config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, **special}
        pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
        own = CLIPTokenizer.from_pretrained(folder)
        encode = lambda t: own(t)["input_ids"]
        # decodings of what was encoded: random ids hold blanks inside words, which the published class strips with Python's own rule
        ids = [encode(t) for t in texts]
        padded = own([texts[0], CORPUS[0], " ".join(CORPUS)], padding="max_length", truncation=True, max_length=77)
        files = {"config": config, "merges.txt": merges_txt, "encode": [{"text": t, "ids": i} for t, i in zip(texts, ids)],
                 "decode": [{"ids": i, "text": own.backend_tokenizer.decode(i, skip_special_tokens=True)} for i in ids],
                 "padded": [{"text": t, "ids": i, "mask": m} for t, i, m in zip([texts[0], CORPUS[0], " ".join(CORPUS)], padded["input_ids"], padded["attention_mask"])]}
    return {"variants": {"byte-level decoder": record(byte_level[0], ODD), "suffix decoder": record(suffix[0])}, "files": files}


def characters():
    """Code points that BERT's cleaning removes, turns to a blank, sets apart; marks; punctuation; lower case. As ranges."""
    B = normalizers.BertNormalizer
    clean = B(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    cjk = B(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
    marks, lower, words = normalizers.StripAccents(), normalizers.Lowercase(), pre_tokenizers.BertPreTokenizer()
    sets = {name: [] for name in ("removed", "blank", "apart", "marks", "punctuation")}
    small = {}
    for point in range(0x110000):
        if 0xD800 <= point < 0xE000: continue
        c = chr(point)
        cleaned = clean.normalize_str("a" + c + "b")
        for name, hit in [("removed", cleaned == "ab"), ("blank", cleaned == "a b" and c != " "), ("apart", cjk.normalize_str(c) == f" {c} "),
                          ("marks", marks.normalize_str("a" + c + "b") == "ab"), ("punctuation", [w for w, _ in words.pre_tokenize_str("a" + c + "b")] == ["a", c, "b"])]:
            if not hit: continue
            if sets[name] and sets[name][-1][1] == point - 1: sets[name][-1][1] = point
            else: sets[name].append([point, point])
        l = lower.normalize_str(c)
        if l != c and point < 0x600: small[str(point)] = l
    return {**sets, "lower": small}


for name, data in [("wordpiece", wordpiece()), ("clip_bpe", clip_bpe()), ("bert_characters", characters())]:
    (OUT / f"{name}.json").write_text(json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="utf-8")
