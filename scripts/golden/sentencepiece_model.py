#!/usr/bin/env python3
"""Writes testdata/text/sentencepiece.model and sentencepiece.json: a small SentencePiece BPE model of the Llama kind (byte fallback, no normalizer,
blanks kept), trained on sentences made up here, and what the sentencepiece library makes of odd texts, with and without the leading blank.

    python3 scripts/golden/sentencepiece_model.py testdata/text
"""
import io
import json
import pathlib
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

OUT = pathlib.Path(sys.argv[1])
PARTS = [["The", "There is a small", "No", "A large", "Minimal", "New"], ["left", "right", "bilateral", "basal", "apical"],
         ["pleural effusion", "pneumothorax", "opacity", "nodule of 12 mm", "atelectasis", "fracture of the 7th rib"],
         ["is seen.", "has increased.", "is unchanged since 2019.", "cannot be excluded!"]]
SENTENCES = [" ".join(PARTS[k][(i * (k + 3) + i // 5) % len(PARTS[k])] for k in range(4)) for i in range(240)]
TEXTS = ["", " ", "  ", "The heart", " The heart", "  two  blanks  ", "\nWrite a report.\n", "pleural effusion", "pleuraleffusion", "12 mm, 7th rib; 3.4%",
         "Größe 8 µm", "左肺", "\U0001fac1 lungs", "a\tb\r\nc", "XXXXXXXXXXXX", "increasedincreased", "[INST] <<SYS>>", "seen." * 7, "unchangedsince2019 is  seen"]

writer = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(SENTENCES), model_writer=writer, model_type="bpe", vocab_size=420, byte_fallback=True,
                                         normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True,
                                         character_coverage=1.0, unk_id=0, bos_id=1, eos_id=2, pad_id=-1)
model = writer.getvalue()
spec = sentencepiece_model_pb2.ModelProto.FromString(model)
spec.trainer_spec.ClearField("input")
model = spec.SerializeToString()
spec.normalizer_spec.add_dummy_prefix = False
bare = sentencepiece.SentencePieceProcessor(model_proto=spec.SerializeToString())
whole = sentencepiece.SentencePieceProcessor(model_proto=model)
(OUT / "sentencepiece.model").write_bytes(model)
rows = [{"text": text, "ids": whole.encode(text), "bare": bare.encode(text)} for text in TEXTS]
(OUT / "sentencepiece.json").write_text(json.dumps({"library": sentencepiece.__version__, "pieces": whole.get_piece_size(), "rows": rows}, indent=0, ensure_ascii=True) + "\n")
print(len(model), whole.get_piece_size())
