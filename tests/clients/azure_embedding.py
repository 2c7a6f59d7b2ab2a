#!/usr/bin/env python3
"""POST /score as the published embedding service is called: images and texts into one space, and zero-shot classes from them."""
import math

from client import arguments, encoded, model_that, need, need_status, post

LABELS = ["No Finding", "Pleural Effusion", "Cardiomegaly"]


def payload(images, texts, params):
    """The toolkit's payload: rows of both columns, null where a side is shorter."""
    rows = max(len(images), len(texts))
    pad = lambda side: list(side) + [None] * (rows - len(side))
    return {"input_data": {"columns": ["image", "text"], "index": list(range(rows)), "data": [list(row) for row in zip(pad(images), pad(texts))]}, "params": params}


def flat(features):
    """Clients squeeze: [[...]] and [...] are the same vector."""
    while features and isinstance(features[0], list):
        need(len(features) == 1, "more than one vector in a row")
        features = features[0]
    return features


def check_vector(vector, what):
    need(len(vector) > 1 and all(isinstance(v, (int, float)) and math.isfinite(v) for v in vector), f"{what}: not a vector")


def softmax(logits):
    top = max(logits)
    exps = [math.exp(v - top) for v in logits]
    return [v / sum(exps) for v in exps]


def main():
    args = arguments(__doc__)
    headers = {"azureml-model-deployment": args.model} if args.model else {}
    images = [encoded(path) for path in args.images]
    call = lambda *parts: post(args, "/score", payload(*parts), headers=headers)

    answer = call(images, [], {})
    need_status(answer, 200, "images alone")
    rows = answer.json()
    need(len(rows) == len(images), "not one entry a row")
    vectors = [flat(row["image_features"]) for row in rows]
    for row, vector in zip(rows, vectors):
        check_vector(vector, "image_features")
        need(isinstance(row["image_features"][0], list), "image_features are not nested")
        need("text_features" not in row, "text_features that were not asked for")
    need(flat(call(images[:1], [], {}).json()[0]["image_features"]) == vectors[0], "a picture's vector depends on its company")

    if not model_that(args, lambda m: "text" in m["architecture"]["input_modalities"] and m["hilum"]["kind"] == "embeddings"):
        print(f"azure_embedding: {len(vectors)} images of width {len(vectors[0])}; no served model embeds text")
        return

    labels = [f"x-ray chest anteroposterior {label}" for label in LABELS]
    answer = call([], labels, {"get_scaling_factor": "true"})
    need_status(answer, 200, "texts alone")
    texts = [flat(row["text_features"]) for row in answer.json()]
    need(all("image_features" not in row for row in answer.json()), "image_features that were not sent")
    scaling = answer.json()[0]["scaling_factor"]
    need(all(row["scaling_factor"] == scaling for row in answer.json()), "the scaling factor differs between rows")
    need(all("scaling_factor" not in row for row in call([], labels, {"get_scaling_factor": False}).json()), "a scaling factor that was declined")

    both = call(images[:1], labels[:1], {"get_scaling_factor": True}).json()[0]
    need(flat(both["image_features"]) == vectors[0] and flat(both["text_features"]) == texts[0], "image and text in one row are not those of rows apart")

    for vector in vectors:
        check_vector(vector, "image")
        need(len(vector) == len(texts[0]), "images and texts are of different widths")
        scores = softmax([math.exp(scaling) * sum(a * b for a, b in zip(vector, text)) for text in texts])
        need(abs(sum(scores) - 1) < 1e-9, "scores that do not sum to 1")

    broken = post(args, "/score", {"input_data": {"columns": ["image", "text"], "index": [0], "data": [["", ""]]}}, headers=headers)
    need(400 <= broken.status < 500 and "row 0" in broken.json()["message"], f"a row with nothing in it gives {broken.status}: {broken.body!r}")
    print(f"azure_embedding: {len(vectors)} images and {len(texts)} texts of width {len(vectors[0])}")


if __name__ == "__main__":
    main()
