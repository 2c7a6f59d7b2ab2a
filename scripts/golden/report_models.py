#!/usr/bin/env python3
"""Writes testdata/models/{chexbert,radgraph}: the two models that read reports, tiny and random, in their published files, with reference dumps.

    python3 scripts/golden/report_models.py testdata/models

The encoder is transformers' BertModel; CheXbert's heads and RadGraph's span, entity and relation scoring (allennlp's and dygie's code is not installed) are
re-implemented here in PyTorch from the published descriptions. Float32. Files are torch.save's, with what else the published ones hold.
"""
import json
import math
import pathlib
import sys

import torch
from transformers import BertConfig, BertModel

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from models import folder, save_dump, write_json
from towers import bert_state, random_model

SIZES = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": 24}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "no", "evidence", "of", "acute", "cardio", "##pulmonary", "process", ".", "mild", "edema", "lungs", "are",
         "clear", ",", "effusion", "left", "pleural", "small", "##s", "the", "heart", "is", "large", "/", "none"]
CLS, SEP = 2, 3


def encoder(seed):
    return random_model(BertModel(BertConfig(**SIZES, attn_implementation="eager")), seed)


def noise(seed):
    generator = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=generator) / math.sqrt(shape[-1])


def write_vocabulary(path):
    (path / "vocab.txt").write_text("\n".join(WORDS + [f"word{i}" for i in range(len(WORDS), SIZES["vocab_size"])]) + "\n")


def write_chexbert():
    path, bert, draw = folder("chexbert"), encoder(151), noise(152)
    heads = [(draw(4 if i < 13 else 2, 32) * 2, draw(4 if i < 13 else 2)) for i in range(14)]
    state = {f"module.{k}": v for k, v in bert_state(bert, "bert.").items()}
    for i, (weight, bias) in enumerate(heads):
        state[f"module.linear_heads.{i}.weight"], state[f"module.linear_heads.{i}.bias"] = weight, bias
    torch.save({"epoch": 3, "model_state_dict": {k: v.clone() for k, v in state.items()},
                "optimizer_state_dict": {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 2e-5, "params": [0]}]}}, path / "chexbert.pth")
    write_json(path / "config.json", SIZES)
    write_vocabulary(path)
    generator = torch.Generator().manual_seed(153)
    lengths = [9, 2, 24]
    ids = torch.zeros(3, 24, dtype=torch.int64)
    for i, n in enumerate(lengths):
        ids[i, :n] = torch.cat([torch.tensor([CLS]), torch.randint(5, 60, (n - 2,), generator=generator), torch.tensor([SEP])])
    mask = (torch.arange(24)[None] < torch.tensor(lengths)[:, None]).long()
    with torch.no_grad():
        hidden = bert(ids, attention_mask=mask, output_hidden_states=True).hidden_states      # padded and masked, as the original does
        token = hidden[-1][:, 0]
        tags = {f"tag.head.{i}": token @ weight.T + bias for i, (weight, bias) in enumerate(heads)}
    classes = torch.stack([tags[f"tag.head.{i}"].argmax(-1) for i in range(14)], 1)
    save_dump(path / "reference.safetensors", {"input_ids": ids, "attention_mask": mask, "classes": classes, "tag.class_token": token,
                                               **{f"tag.text_block.{i}": h[mask.bool()] for i, h in enumerate(hidden[1:])}, **tags})
    print("chexbert", classes.tolist())


class RadGraph:
    def __init__(self, seed, entities, relations, max_span=5, length_width=6, hidden=12, room=None):
        draw, f = noise(seed), 64 + length_width
        self.lengths = draw(max_span, length_width)
        layers = lambda i, h, o: [(draw(h, i) * 2, draw(h)), (draw(h, h) * 2, draw(h)), (draw(o, h) * 2, draw(o))]
        self.entity, self.mention, self.pair = layers(f, hidden, entities), layers(f, hidden, 1), layers(3 * f, hidden, relations)
        self.max_span, self.room = max_span, room

    def score(self, layers, x):
        (a, b), (c, d), (e, g) = layers
        return torch.relu(torch.relu(x @ a.T + b) @ c.T + d) @ e.T + g

    def __call__(self, bert, words):
        pieces = [p for w in words for p in w]
        parts = [pieces[i:i + self.room] for i in range(0, len(pieces), self.room)]
        rows = torch.cat([bert(torch.tensor([[CLS] + part + [SEP]])).last_hidden_state[0, 1:-1] for part in parts])
        vectors, at = [], 0
        for w in words:
            vectors.append(rows[at:at + len(w)].mean(0) if w else torch.zeros(32))
            at += len(w)
        vectors = torch.stack(vectors)
        spans = [(i, j) for i in range(len(words)) for j in range(i, min(len(words), i + self.max_span))]
        x = torch.stack([torch.cat([vectors[i], vectors[j], self.lengths[j - i]]) for i, j in spans])
        entities, mentions = self.score(self.entity, x), self.score(self.mention, x)
        kept = sorted(mentions[:, 0].argsort(descending=True)[:math.ceil(0.5 * len(words))].tolist())
        pairs = torch.stack([torch.cat([x[a], x[b], x[a] * x[b]]) for a in kept for b in kept])
        both = torch.stack([mentions[a, 0] + mentions[b, 0] for a in kept for b in kept])
        relations = self.score(self.pair, pairs) + both[:, None]
        best = lambda row: int(row.argmax()) if float(row.max()) > 0 else -1
        found = {k: best(row) for k, row in enumerate(entities) if best(row) >= 0}
        index = {k: n for n, k in enumerate(found)}
        triples = [(index[a], index[b], best(relations[i * len(kept) + j])) for i, a in enumerate(kept) for j, b in enumerate(kept)
                   if best(relations[i * len(kept) + j]) >= 0 and a in found and b in found]
        return vectors, entities, mentions, relations, [(*spans[k], label) for k, label in found.items()], triples


def few_entities(bert, words):
    """The first network, by its seed, that finds some entities and some relations among them; biases are moved until most spans are nothing."""
    for seed in range(162, 400):
        net = RadGraph(seed, 4, 3, room=SIZES["max_position_embeddings"] - 2)
        _, entities, _, relations, _, _ = net(bert, words)
        net.entity[2][1].sub_(entities.max(-1).values.quantile(0.6)), net.pair[2][1].sub_(relations.max(-1).values.quantile(0.5))
        *_, found, triples = net(bert, words)
        if 3 <= len(found) <= 40 and 2 <= len(triples) < 30 and len({label for *_, label in triples}) > 1:
            return net
    raise SystemExit("no seed fits")


def write_radgraph():
    path, bert = folder("radgraph"), encoder(161)
    # one word of no pieces, some of several, more pieces than one segment holds
    words = [[5], [6], [7], [8], [9, 10], [11], [12], [], [22], [20], [21], [19, 23], [12], [15], [16], [17], [12], [30, 31, 32], [33], [34, 35], [36], [12]]
    with torch.no_grad():
        net = few_entities(bert, words)
    state = bert_state(bert, "_embedder.token_embedder_bert._matched_embedder.transformer_model.")
    state["_endpoint_span_extractor._span_width_embedding.weight"] = net.lengths
    names = [("_ner._ner_scorers.radgraph__ner_labels.0._module._linear_layers.{}.", "_ner._ner_scorers.radgraph__ner_labels.1._module.", net.entity),
             ("_relation._mention_pruners.radgraph__relation_labels._scorer.0._module._linear_layers.{}.",
              "_relation._mention_pruners.radgraph__relation_labels._scorer.1._module.", net.mention),
             ("_relation._relation_feedforwards.radgraph__relation_labels._linear_layers.{}.", "_relation._relation_scorers.radgraph__relation_labels.", net.pair)]
    for hidden, out, layers in names:
        for i, (weight, bias) in enumerate(layers):
            prefix = hidden.format(i) if i < 2 else out
            state[prefix + "weight"], state[prefix + "bias"] = weight, bias
    state["_coref._mention_pruner._scorer.0._module._linear_layers.0.weight"] = torch.rand(3, 3)
    torch.save({k: v.detach().clone() for k, v in state.items()}, path / "weights.th")
    write_json(path / "config.json", {"dataset_reader": {"max_span_width": net.max_span}, "bert": {"num_attention_heads": 4},
                                      "model": {"embedder": {"token_embedders": {"bert": {"max_length": 512}}}, "modules": {"relation": {"spans_per_word": 0.5}}}})
    (path / "vocabulary").mkdir(exist_ok=True)
    (path / "vocabulary" / "radgraph__ner_labels.txt").write_text("\nOBS-DP\nANAT-DP\nOBS-DA\nOBS-U\n")
    (path / "vocabulary" / "radgraph__relation_labels.txt").write_text("modify\nlocated_at\nsuggestive_of\n")
    write_vocabulary(path)
    with torch.no_grad():
        vectors, entities, mentions, relations, found, triples = net(bert, words)
    save_dump(path / "reference.safetensors", {
        "pieces": torch.tensor([p for w in words for p in w]), "piece_counts": torch.tensor([len(w) for w in words]), "entities": torch.tensor(found),
        "relations": torch.tensor(triples), "tag.word_vectors": vectors, "tag.entity_scores": entities, "tag.mention_scores": mentions, "tag.relation_scores": relations})
    print("radgraph", len(found), "entities", triples)


if __name__ == "__main__":
    write_chexbert()
    write_radgraph()
    print("torch", torch.__version__)
