#!/usr/bin/env python3
"""POST /score as the published report service is called: the request file of its documents, and their parsing of the answer."""
import json
import os
import tempfile

from client import arguments, encoded, need, need_status, post, read_bytes, send, size_of


def payload(rows):
    """The documents' payload: columns named by the row's keys. Every row has the same."""
    return {"input_data": {"columns": list(rows[0].keys()), "index": list(range(len(rows))), "data": [list(row.values()) for row in rows]}, "params": {}}


def adjust_box(box, width, height):
    """From 0..1 of the centre square that the model saw to 0..1 of the picture, through whole pixels."""
    crop = min(width, height)
    left, top = (width - crop) // 2, (height - crop) // 2
    pixels = [int(box[0] * crop + left), int(box[1] * crop + top), int(box[2] * crop + left), int(box[3] * crop + top)]
    return [pixels[0] / width, pixels[1] / height, pixels[2] / width, pixels[3] / height]


def findings_of(answer, row):
    """The documents' parsing: the body, then each row's output once more."""
    output = json.loads(answer.body)[row]["output"]
    need(isinstance(output, str), "output is not a string that holds JSON")
    return json.loads(output)


def check_findings(findings, width, height):
    need(isinstance(findings, list) and findings, "no findings")
    for text, boxes in findings:
        need(isinstance(text, str) and text, f"a finding without text: {text!r}")
        need(boxes is None or boxes, "boxes are an empty list, not null")
        for box in boxes or []:
            need(len(box) == 4 and all(0 <= v <= 1 for v in box), f"not a box in 0..1: {box}")
            adjusted = adjust_box(box, width, height)
            need(all(0 <= v <= 1 for v in adjusted), f"outside the picture: {adjusted}")


def main():
    args = arguments(__doc__)
    headers = {"azureml-model-deployment": args.model} if args.model else {}
    frontal, lateral = args.images[0], args.images[-1]
    width, height = size_of(frontal)

    row = {"frontal_image": encoded(frontal), "lateral_image": encoded(lateral), "indication": "Cough", "technique": "PA and lateral views of the chest", "comparison": "None"}
    with tempfile.TemporaryDirectory() as folder:   # by way of a file, as the snippets do it
        path = os.path.join(folder, "sample_request_data.json")
        with open(path, "w") as file:
            json.dump(payload([row]), file)
        answer = send(args, "POST", "/score", read_bytes(path), headers=headers)
    need_status(answer, 200, "/score")
    need(answer.headers.get("Content-Type", "").startswith("application/json"), "not JSON")
    need(answer.headers.get("X-Hilum-Box-Frame") == "crop", "X-Hilum-Box-Frame is not crop")
    first = findings_of(answer, 0)
    check_findings(first, width, height)

    smallest = {"input_data": {"columns": ["frontal_image"], "index": [0], "data": [[encoded(frontal).replace("\n", "")]]}}
    answer = post(args, "/score", smallest, headers=headers)
    need_status(answer, 200, "one column, no params, base64 without newlines")
    check_findings(findings_of(answer, 0), width, height)

    shuffled = {name: row[name] for name in ("comparison", "technique", "frontal_image", "indication", "lateral_image")}
    answer = post(args, "/score", payload([shuffled, shuffled]), headers=headers)
    need_status(answer, 200, "two rows, columns in another order")
    need(len(answer.json()) == 2, "not one entry a row")
    need(findings_of(answer, 0) == findings_of(answer, 1) == first, "the order of columns or the company of rows changes the answer")

    for broken, word in ((payload([{"indication": "Cough"}]), "frontal_image"), (payload([{"frontal_image": encoded(frontal)[:-9]}]), "row 0"),
                         (payload([{"frontal_image": "https://example.org/a.png"}]), "not fetched")):
        answer = post(args, "/score", broken, headers=headers)
        need(400 <= answer.status < 500, f"a broken request gives {answer.status}")
        need(word in answer.json()["message"], f"the refusal does not name {word}: {answer.body!r}")
    print(f"azure_report: {len(first)} findings, {sum(len(boxes or []) for _, boxes in first)} boxes")


if __name__ == "__main__":
    main()
