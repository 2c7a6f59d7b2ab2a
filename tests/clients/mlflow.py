#!/usr/bin/env python3
"""MLflow's scoring server: /ping, /version and every form of /invocations, each of which must give the same predictions."""
import csv
import io
import json

from client import arguments, encoded, need, need_status, post, send


def main():
    args = arguments(__doc__)
    image = encoded(args.images[0])
    ping = send(args, "GET", "/ping")
    need(ping.status == 200 and ping.body == b"\n", f"/ping: {ping.status} {ping.body!r}")
    version = send(args, "GET", "/version")
    need(version.status == 200 and version.body.strip(), f"/version: {version.status}")

    headers = {"azureml-model-deployment": args.model} if args.model else {}
    record = {"frontal_image": image, "indication": "Cough"}
    table = io.StringIO()
    csv.writer(table).writerows([record.keys(), record.values()])
    answers = [post(args, "/invocations", body, headers=headers) for body in (
        {"dataframe_split": {"columns": list(record), "index": [0], "data": [list(record.values())]}},
        {"dataframe_records": [record]},
        {"instances": [record], "params": {}},
        {"inputs": {name: [value] for name, value in record.items()}},
        {"inputs": [record]},
    )] + [send(args, "POST", "/invocations", table.getvalue().encode(), "text/csv; charset=utf-8", headers)]
    for answer in answers:
        need_status(answer, 200, "/invocations")
        need(list(answer.json()) == ["predictions"], "not wrapped in predictions alone")
        need(answer.json() == answers[0].json(), "the forms differ in their predictions")
    findings = json.loads(answers[0].json()["predictions"][0]["output"])
    need(all(isinstance(text, str) for text, _ in findings), "not findings")

    for body in (b"[1]", b"{}", b'{"inputs":[],"instances":[]}', b'{"input_data":{"columns":["frontal_image"],"data":[["QQ=="]]}}', b"{", b'{"instances":[{"frontal_image":null}]}'):
        answer = send(args, "POST", "/invocations", body)
        need_status(answer, 400, f"{body!r}")
        need(answer.json()["error_code"] == "BAD_REQUEST" and answer.json()["message"] and "stack_trace" in answer.json(), f"not MLflow's error form: {answer.body!r}")
    for kind in ("text/html", "application/json; charset=latin-1"):
        answer = send(args, "POST", "/invocations", b"{}", kind)
        need_status(answer, 415, kind)
        need(answer.headers.get("Content-Type", "").startswith("text/plain"), "415 is not plain text")
    print(f"mlflow: {len(answers)} forms, {len(findings)} findings")


if __name__ == "__main__":
    main()
