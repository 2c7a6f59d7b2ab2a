#!/usr/bin/env python3
"""Writes testdata/text/llama_reduced.json and llama_golden.json: a REDUCED tokenizer of the Llama kind.

It holds only the pieces that occur in MAIRA-2's published prompts, with their true ids, the 256 byte pieces and MAIRA-2's 207 added
tokens. The intermediate pieces and all merges are INVENTED here so that those prompts come out with their published ids; other texts
come out differently than with the real table. Then it encodes odd strings with the `tokenizers` library in several configurations.

Usage: reduced_llama_tokenizer.py OUT_FOLDER        (needs the Python package tokenizers; 0.23.1 wrote the committed files)
"""
import json
import sys

from tokenizers import Tokenizer

# id: piece, as the published ids and the prompts' text imply.
PIECES = {
    263: "▁a", 278: "▁the", 284: "al", 287: "ed", 292: "ing", 297: "▁in", 304: "▁to", 310: "▁of", 319: "▁A", 322: "▁and", 338: "▁is",
    342: "est", 349: "▁P", 360: "▁D", 367: "▁be", 372: "▁it", 383: "▁F", 385: "▁an", 405: "▁N", 408: "▁as", 411: "▁with", 443: "▁un",
    508: "▁can", 519: "able", 521: "▁ch", 526: "▁are", 599: "▁all", 680: "ide", 726: "text", 764: "ray", 830: "▁Re", 871: "▁only",
    881: "▁should", 886: "ings", 887: "▁You", 925: "▁just", 952: "ys", 960: "▁If", 988: "▁where", 1001: "ER", 1060: "▁X", 1259: "ting",
    1284: "▁find", 1285: "cont", 1492: "▁right", 1494: "▁following", 1525: "RE", 1576: "The", 1583: "▁self", 1718: "AR", 1728: "▁without",
    1799: "SS", 1801: "▁eff", 1857: "▁current", 1955: "OR", 1967: "▁image", 2057: "ground", 2175: "▁left", 2183: "▁given", 2672: "▁IN",
    2678: "▁later", 2821: "▁clear", 2919: "▁large", 3002: "ology", 3094: "SON", 3148: "▁US", 3210: "CH", 3216: "▁bound", 3414: "▁task",
    3580: "MP", 3595: "▁seen", 3631: "ural", 3958: "usion", 3960: "RI", 4015: "inding", 4565: "▁front", 4810: "▁CO", 5133: "▁interpre",
    5439: "▁described", 5644: "▁ple", 5706: "▁generate", 5962: "▁ground", 6139: "▁description", 6213: "▁None", 6559: "▁study",
    7114: "ained", 7536: "▁prior", 7806: "▁Each", 8386: "▁views", 8439: "There", 8656: "▁plain", 9047: "IST", 9133: "▁Prov",
    9138: "▁finding", 10230: "▁comparison", 10541: "▁sentence", 11144: "QUE", 11221: "▁Given", 11666: "peat", 12916: "NI", 13030: "▁lung",
    13466: "▁Otherwise", 13566: "ANT", 14011: "nea", 14354: "▁locations", 15082: "PORT", 16273: "▁boxes", 16549: "▁phrase", 17067: "▁TE",
    17687: "▁PA", 17924: "▁expert", 17937: "▁radi", 19777: "▁Ple", 20255: "▁assistant", 23941: "▁indicating", 26694: "▁locate",
    28541: "ICATION", 29871: "▁", 29886: "p", 29889: ".", 29892: ",", 29899: "-", 29901: ":", 29902: "I", 29909: "A", 29914: "/",
    29918: "_", 29928: "D",
}
# Made of these two instead of all but the last character and that one; later in this list = lower priority, all below the other pieces.
JOINED = {"ings": ("ing", "s"), "▁finding": ("▁find", "ing"), "ting": ("t", "ing"), "ind": ("in", "d"), "inding": ("ind", "ing"),
          "▁plain": ("▁pla", "in"), "ain": ("a", "in"), "ained": ("ain", "ed"), "PORT": ("P", "ORT"), "ORT": ("OR", "T"), "ural": ("ur", "al")}
ADDED = (["<obj>", "</obj>"] + [f"<x{i}>" for i in range(100)] + [f"<y{i}>" for i in range(100)]
         + ["<box>", "</box>", "<image>", "<prev_im>", "<lat_image>"])

BEFORE = "You are an expert radiology assistant tasked with interpreting a chest X-ray study.  USER:  "
AFTER = "  ASSISTANT: "
FINDINGS = " Provide a description of the findings in the radiology study in comparison to the prior frontal image."
GROUNDED = FINDINGS + (
    " Each finding should be described as a self-contained plain-text sentence. If the finding is groundable, locate the finding in the"
    " current frontal chest X-ray image, with bounding boxes indicating all locations where it can be seen in the current frontal image."
    " Otherwise, generate just the ungrounded finding without bounding boxes.")


def sections(indication="N/A", technique="N/A", comparison="N/A"):
    return f" INDICATION: {indication} TECHNIQUE: {technique} COMPARISON: {comparison}"


SYSTEM = "1 887 526 385 17924 17937 3002 20255 3414 287 411 5133 1259 263 521 342 1060 29899 764 6559 29889 29871 3148 1001 29901 29871 "
GOLDEN = [  # name, text, published ids (with BOS except for the answer)
    ("findings, frontal only, N/A", BEFORE + "Given the current frontal image only<image>" + FINDINGS + sections() + AFTER,
     SYSTEM + "11221 278 1857 4565 284 1967 871 32204 9133 680 263 6139 310 278 1284 886 297 278 17937 3002 6559 297 10230 304 278 7536 4565"
     " 284 1967 29889 2672 29928 28541 29901 405 29914 29909 17067 3210 12916 11144 29901 405 29914 29909 4810 3580 1718 29902 3094 29901"
     " 405 29914 29909 29871 319 1799 9047 13566 29901 29871"),
    ("grounded, frontal + lateral, sections",
     BEFORE + "Given the current frontal image<image> and the current lateral image<image>" + GROUNDED
     + sections("Dyspnea.", "PA and lateral views of the chest.", "None.") + AFTER,
     SYSTEM + "11221 278 1857 4565 284 1967 32204 322 278 1857 2678 284 1967 32204 9133 680 263 6139 310 278 1284 886 297 278 17937 3002"
     " 6559 297 10230 304 278 7536 4565 284 1967 29889 7806 9138 881 367 5439 408 263 1583 29899 1285 7114 8656 29899 726 10541 29889 960"
     " 278 9138 338 5962 519 29892 26694 278 9138 297 278 1857 4565 284 521 342 1060 29899 764 1967 29892 411 3216 292 16273 23941 599"
     " 14354 988 372 508 367 3595 297 278 1857 4565 284 1967 29889 13466 29892 5706 925 278 443 2057 287 9138 1728 3216 292 16273 29889"
     " 2672 29928 28541 29901 360 952 29886 14011 29889 17067 3210 12916 11144 29901 17687 322 2678 284 8386 310 278 521 342 29889 4810"
     " 3580 1718 29902 3094 29901 6213 29889 29871 319 1799 9047 13566 29901 29871"),
    ("findings, frontal + lateral + prior, N/A",
     BEFORE + "Given the current frontal image<image> the current lateral image<image> and the prior frontal image<image> PRIOR_REPORT: N/A"
     + FINDINGS + sections() + AFTER,
     SYSTEM + "11221 278 1857 4565 284 1967 32204 278 1857 2678 284 1967 32204 322 278 7536 4565 284 1967 32204 349 3960 1955 29918 1525"
     " 15082 29901 405 29914 29909 9133 680 263 6139 310 278 1284 886 297 278 17937 3002 6559 297 10230 304 278 7536 4565 284 1967 29889"
     " 2672 29928 28541 29901 405 29914 29909 17067 3210 12916 11144 29901 405 29914 29909 4810 3580 1718 29902 3094 29901 405 29914 29909"
     " 29871 319 1799 9047 13566 29901 29871"),
    ("phrase", BEFORE + "Given the current frontal image<image> Repeat the following finding as a grounded phrase with bounding boxes"
     " indicating all locations where it can be seen in the given chest X-ray image. Finding: Pleural effusion." + AFTER,
     SYSTEM + "11221 278 1857 4565 284 1967 32204 830 11666 278 1494 9138 408 263 5962 287 16549 411 3216 292 16273 23941 599 14354 988 372"
     " 508 367 3595 297 278 2183 521 342 1060 29899 764 1967 29889 383 4015 29901 19777 3631 1801 3958 29889 29871 319 1799 9047 13566"
     " 29901 29871"),
    ("answer", "<obj>There is a large right pleural effusion.<box><x5><y27><x44><y66></box></obj><obj>The left lung is clear.</obj>",
     "32000 8439 338 263 2919 1492 5644 3631 1801 3958 29889 32202 32007 32129 32046 32168 32203 32001 32000 1576 2175 13030 338 2821 29889"
     " 32001"),
]
ODD = ["", " ", "  ", "a", " a", "▁", "▁a", "<s>", "<obj>There", "<obj> There", " <obj>", "the<obj>the <obj> the", "\n", "the\n\nthe", "<image><image>",
       "<s><s>a", "<x5><x55><x555>", "<imag", "the<image", "   the   finding   ", "é", "née", "漢字", "🙂🙂", "a\u0301", "\u00a0", "\x00\x7f",
       "findings finding Findings Finding", "in the chest X-ray image.", "<0x0A>", "<unk>", "N/A<image>N/A", "İſ�", "theting\t inding"]
DECODE_IDS = [[3 + 0xE2, 3 + 0x96, 3 + 0x81], [3 + 0xE2, 3 + 0x96], [278, 3 + 0xC3, 278], [3 + 0xC3, 3 + 0xA9, 3 + 0xC3], [29871], [29871, 29871, 278],
              [2, 278], [278, 2, 1, 278], [32000, 278], [1, 278, 338], [3 + 0x41, 278, 3 + 0x41]]


def build():
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2} | {f"<0x{b:02X}>": 3 + b for b in range(256)}
    needed = list(PIECES.values())
    vocab |= {piece: i for i, piece in PIECES.items()}
    invented = iter(range(33000, 40000))
    merges, seen = [], set()

    def need(piece):
        if piece not in vocab:
            vocab[piece] = next(invented)

    def make(piece):
        if len(piece) == 1 or piece in seen:
            need(piece)
            return
        seen.add(piece)
        left, right = JOINED.get(piece, (piece[:-1], piece[-1]))
        make(left), make(right)
        need(piece)
        merges.append((left, right))

    for piece in [p for p in needed if p[0] == "▁" and p not in JOINED]:
        make(piece)
    for piece in [p for p in needed if p[0] != "▁" and p not in JOINED] + list(JOINED):
        make(piece)
    added = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": i < 3}
             for i, t in list(enumerate(["<unk>", "<s>", "</s>"])) + list(enumerate(ADDED, 32000))]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
        "post_processor": {"type": "TemplateProcessing",
                           "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                           "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                                    {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
                           "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
        "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                                                     {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": True, "byte_fallback": True, "ignore_merges": False, "vocab": vocab, "merges": [list(m) for m in merges]},
    }


LEGACY = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
VARIANTS = {  # name: changes to the file
    "first": {},
    "always, split": {"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
                      "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}},
    "never": {"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": False},
              "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": False}},
    "legacy": {"normalizer": LEGACY, "pre_tokenizer": None},
    "no decoder": {"decoder": None},
}


def library(file):
    """The library numbers added tokens itself when the vocabulary has holes; named in the vocabulary too they keep their ids."""
    model = file["model"] | {"vocab": file["model"]["vocab"] | {t["content"]: t["id"] for t in file["added_tokens"]}}
    return Tokenizer.from_str(json.dumps(file | {"model": model}))


def main(out):
    file = build()
    tokenizer = library(file)
    golden = []
    for name, text, ids in GOLDEN:
        want = [int(i) for i in ids.split()]
        got = tokenizer.encode(text, add_special_tokens=name != "answer").ids
        assert got == want, (name, [(tokenizer.id_to_token(a), tokenizer.id_to_token(b)) for a, b in zip(got, want) if a != b][:6])
        golden.append({"name": name, "text": text, "ids": want, "bos": name != "answer"})
    variants = {}
    for name, changes in VARIANTS.items():
        tokenizer = library(file | changes)
        vectors = [{"text": t, "ids": tokenizer.encode(t).ids} for t in ODD]
        decodes = [{"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True), "all": tokenizer.decode(ids, skip_special_tokens=False)}
                   for ids in DECODE_IDS + [v["ids"] for v in vectors]]
        variants[name] = {"changes": changes, "encode": vectors, "decode": decodes}
    with open(f"{out}/llama_reduced.json", "w", encoding="utf-8") as f:
        json.dump(file, f, ensure_ascii=False, indent=None, separators=(",", ":"))
        f.write("\n")
    with open(f"{out}/llama_golden.json", "w", encoding="utf-8") as f:
        f.write(json.dumps({"prompts": golden, "variants": variants}, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(len(file["model"]["vocab"]), "pieces,", len(file["model"]["merges"]), "merges")


main(sys.argv[1])
