"""The requests that are compared: servers, each with its options and what is asked of it, one after another
or at once."""
import base64
import json
import re
import threading
import time

from inputs import pictures
from sides import ROOT, Server

ASK = "Is there a pleural effusion?"
SCHEMA = {
    "type": "object",
    "properties": {"effusion": {"type": "boolean"}, "side": {"enum": ["left", "right", "none"]}},
    "required": ["effusion", "side"],
}
ALTERNATIVES = {
    "type": "object",
    "properties": {
        "side": {"anyOf": [{"enum": ["left", "right"]}, {"type": "null"}]},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
        "next": {"anyOf": [{"$ref": "#/$defs/next"}, {"type": "null"}]},
    },
    "required": ["side", "share", "code", "next"],
    "$defs": {"next": {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}}},
}
MARK = "hilum-compare-5f1e"


class Request:
    """`make` is called when the inputs are there, and gives (method, path, body, headers)."""

    def __init__(self, name, make):
        self.name, self.make = name, make

    def prepare(self):
        self.method, self.path, self.body, headers = self.make()
        self.headers = {"X-Request-Id": re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")[:60], **headers}
        return self


def get(path, **headers):
    return Request(
        f"GET {path}", lambda: ("GET", path, None, {name.replace("_", "-"): value for name, value in headers.items()})
    )


def post(name, path, body, kind="application/json", headers=None):
    """`body`: bytes, or a function that gives bytes or what is sent as JSON."""

    def make():
        content = body() if callable(body) else body
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        return "POST", path, sent, {"Content-Type": kind, **(headers or {})}

    return Request(f"{path} {name}", make)


def parts(name, path, files, context=None, headers=None):
    """multipart/form-data; files: part -> function that gives its bytes."""

    def make():
        body = b""
        for part, content in files.items():
            body += (
                (
                    f'--{MARK}\r\nContent-Disposition: form-data; name="{part}"; filename="{part}"\r\n'
                    "Content-Type: application/octet-stream\r\n\r\n"
                ).encode()
                + content()
                + b"\r\n"
            )
        if context is not None:
            body += (
                f'--{MARK}\r\nContent-Disposition: form-data; name="context"\r\nContent-Type: application/json\r\n\r\n'
                f"{json.dumps(context() if callable(context) else context)}\r\n"
            ).encode()
        return (
            "POST",
            path,
            body + f"--{MARK}--\r\n".encode(),
            {"Content-Type": f"multipart/form-data; boundary={MARK}", **(headers or {})},
        )

    return Request(f"{path} {name}", make)


class Group:
    """One server. A list among the requests is sent at once. `has_log`: its log is compared, where no order depends on
    time. `needs`: what must be there for it."""

    def __init__(self, name, options, requests, has_log=True, needs=None):
        self.name, self.options, self.requests, self.has_log, self.needs = name, options, requests, has_log, needs

    def each(self):
        """(name of the case, request), told apart by a number where a name stands there twice."""
        seen = {}
        for entry in self.requests:
            for request in entry if isinstance(entry, list) else [entry]:
                count = seen[request.name] = seen.get(request.name, 0) + 1
                yield f"{self.name}: {request.name}" + (f" ({count})" if count > 1 else ""), request

    def names(self):
        return [name for name, _ in self.each()] + [f"{self.name}: end"]

    def run(self, side, wanted):
        """{case: {item: bytes}} for one side."""
        names = {id(request): name for name, request in self.each()}
        folder, results = side.enter(self.name), {}
        try:
            server = Server(side, folder, [*self.options, "--threads", "1"])
        except RuntimeError as error:
            return {f"{self.name}: end": {"start": str(error).encode()}}

        def send(request):
            status, headers, body = server.send(request.prepare())
            results[names[id(request)]] = {"status": status.encode(), "headers": headers, "body": body}

        for entry in self.requests:
            chosen = [
                request for request in (entry if isinstance(entry, list) else [entry]) if names[id(request)] in wanted
            ]
            if isinstance(entry, list):
                threads = [threading.Thread(target=send, args=(request,)) for request in chosen]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            else:
                for request in chosen:
                    if request.name == "GET /metrics":
                        time.sleep(0.5)           # a request is counted after its answer has been sent
                    send(request)
        code, log = server.stop()
        (folder.parent / (folder.name + ".said")).write_bytes(
            b"".join(
                b"== %s\n%s\n%s\n%s\n\n" % (name.encode(), got["status"], got["headers"], got["body"])
                for name, got in results.items()
            )
        )
        results = {
            name: results[name] for name, _ in self.each() if name in results
        }  # in their own order, not as they ended
        results[f"{self.name}: end"] = {"exit code": code.encode(), **({"log": log} if self.has_log else {})}
        return results


def all_servers(inputs):
    def png(i, view="f"):
        return lambda: (inputs / "png" / "images" / f"p{i:06}_{view}.png").read_bytes()

    def dicom(i, view="f"):
        return lambda: (inputs / "dicom" / "images" / f"p{i:06}_{view}.dcm").read_bytes()

    def b64(image):
        return base64.b64encode(image()).decode()

    def uri(image, kind="image/png"):
        return f"data:{kind};base64,{b64(image)}"

    def chat(name, image, question=ASK, **more):
        def body():
            content = [{"type": "text", "text": question}, {"type": "image_url", "image_url": {"url": uri(image)}}]
            return {"messages": [{"role": "user", "content": content}], **more}

        return post(name, "/v1/chat/completions", body)

    def responses(name, image, **more):
        def body():
            content = [{"type": "input_text", "text": ASK}, {"type": "input_image", "image_url": uri(image)}]
            return {"input": [{"role": "user", "content": content}], **more}

        return post(name, "/v1/responses", body)

    def score(name, rows, columns=("frontal_image",), path="/score", headers=None, params=None):
        def body():
            data = [[cell if isinstance(cell, str) or cell is None else b64(cell) for cell in row] for row in rows]
            return {
                "input_data": {"columns": list(columns), "index": list(range(len(rows))), "data": data},
                "params": params or {},
            }

        return post(name, path, body, headers=headers)

    def embeddings(name, inputs_of, **more):
        def body():
            return {
                "input": [
                    each
                    if isinstance(each, str)
                    else {"content": [{"type": "image_url", "image_url": {"url": uri(each)}}]}
                    for each in inputs_of
                ],
                **more,
            }

        return post(name, "/v1/embeddings", body)

    def dialogue():
        return {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": uri(png(0))}},
                        {"type": "text", "text": "Is the heart large?"},
                    ],
                },
                {"role": "assistant", "content": "The heart size is normal."},
                {"role": "user", "content": ASK},
            ]
        }

    def three_views():
        urls = [uri(png(1)), uri(png(1, "l")), uri(png(1, "pf"))]
        return {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "image_url", "image_url": {"url": url}} for url in urls]
                    + [{"type": "text", "text": ASK}],
                }
            ]
        }

    def invocations(name, table, kind="application/json"):
        return post(name, "/invocations", table, kind)

    def record():
        return {"frontal_image": b64(png(1)), "indication": "Cough"}

    stream, fhir, sr = (
        {"Accept": "text/event-stream"},
        {"Accept": "application/fhir+json"},
        {"Accept": "application/dicom"},
    )
    views = {"frontal": png(1), "lateral": png(1, "l"), "prior": png(1, "pf")}
    said = {
        "indication": "Cough.",
        "technique": "PA and lateral.",
        "comparison": "A year ago.",
        "study_id": "study 7",
        "prior_report": "There is a small left pleural effusion.",
    }
    warm = {"temperature": 1.4, "top_p": 0.9, "top_k": 50, "seed": 11}

    def finished():
        report = json.loads((inputs / "many" / "pred.jsonl").read_text().splitlines()[0])
        return {"report": report, "allow_demo": True}

    deployment = {"azureml-model-deployment": "a"}

    demo = [
        get("/health"),
        get("/livez"),
        get("/readyz"),
        get("/ping"),
        get("/version"),
        get("/v1/models"),
        get("/v1/models/hilum-demo"),
        get("/v1/models/other"),
        get("/openapi.json"),
        get("/"),
        get("/nowhere"),
        get("/score"),
        *(parts(f"frontal {i}", "/v1/reports", {"frontal": png(i)}) for i in range(4)),
        parts("all views", "/v1/reports", views, said),
        parts("prior alone", "/v1/reports", {"frontal": png(0), "prior": png(0, "pf")}),
        parts("dicom", "/v1/reports", {"frontal": dicom(1), "lateral": dicom(1, "l")}, said),
        parts("task", "/v1/reports", {"frontal": png(1)}, {"task": "findings"}),
        parts("limit", "/v1/reports", {"frontal": png(1)}, {"max_new_tokens": 7}),
        parts("sampled", "/v1/reports", {"frontal": png(1)}, warm),
        parts("stream", "/v1/reports", {"frontal": png(0)}, {}, stream),
        parts("stream of all views", "/v1/reports", views, said, stream),
        parts("stream sampled", "/v1/reports", {"frontal": png(2)}, warm, stream),
        parts("stream of findings", "/v1/reports", {"frontal": png(2)}, {"task": "findings"}, stream),
        parts("fhir refused", "/v1/reports", {"frontal": dicom(0)}, {}, fhir),
        parts("fhir", "/v1/reports", {"frontal": dicom(0)}, {"allow_demo": True}, fhir),
        parts("sr", "/v1/reports", {"frontal": dicom(0)}, {"allow_demo": True}, sr),
        parts("sr of a png", "/v1/reports", {"frontal": png(0)}, {"allow_demo": True}, sr),
        parts("finished", "/v1/reports", {}, finished, fhir),
        parts("other patient", "/v1/reports", {"frontal": dicom(0), "prior": dicom(1, "pf")}),
        parts("no frontal", "/v1/reports", {"lateral": png(0)}),
        parts("no such task", "/v1/reports", {"frontal": png(0)}, {"task": "poem"}),
        parts("unknown field", "/v1/reports", {"frontal": png(0)}, {"tsak": "x"}),
        parts("no picture", "/v1/reports", {"frontal": lambda: b"no picture"}),
        parts("even picture", "/v1/reports", {"frontal": lambda: (inputs / "even.png").read_bytes()}),
        parts("other form", "/v1/reports", {"frontal": png(0)}, {}, {"Accept": "text/html"}),
        parts("too long", "/v1/reports", {"frontal": png(0)}, {"indication": "Cough. " * 900}),
        parts("too long, stream", "/v1/reports", {"frontal": png(0)}, {"indication": "Cough. " * 900}, stream),
        parts("phrase", "/v1/grounding", {"frontal": png(0)}, {"phrase": "pleural effusion"}),
        parts("dicom", "/v1/grounding", {"frontal": dicom(1)}, {"phrase": "The heart size is normal."}),
        parts("no phrase", "/v1/grounding", {"frontal": png(0)}, {}),
        parts("adapter or labels", "/v1/classify", {"image": png(0)}, {}),
        parts("labels", "/v1/classify", {"image": png(0)}, {"labels": ["Edema"]}),
        parts("picture", "/v1/search", {"image": png(2)}, {"top": 3}),
        parts("text", "/v1/search", {}, {"text": "effusion"}),
        parts("nothing", "/v1/search", {}, {}),
        parts("png", "/v1/images", {"image": png(0)}),
        parts("dicom", "/v1/images", {"image": dicom(0)}),
        parts("no picture", "/v1/images", {"image": lambda: b"\x89PNG"}),
        score("four rows", [[png(i)] for i in range(4)]),
        score(
            "columns",
            [
                [png(0), png(1, "l"), png(1, "pf"), "Cough.", "PA.", "None.", "A small nodule."],
                [png(1), None, "", "", "", "", None],
            ],
            ("frontal_image", "lateral_image", "prior_image", "indication", "technique", "comparison", "prior_report"),
        ),
        score("bad row", [[png(0)], ["bm8gcGljdHVyZQ=="]]),
        score("no frontal", [["Cough."]], ("indication",)),
        score("no such deployment", [[png(0)]], headers={"azureml-model-deployment": "blue"}),
        score("embeddings", [[png(0), ""], [png(1), ""]], ("image", "text")),
        score("texts", [["", "edema"]], ("image", "text")),
        invocations("split", lambda: {"dataframe_split": {"columns": ["frontal_image"], "data": [[b64(png(1))]]}}),
        invocations("records", lambda: {"dataframe_records": [record()]}),
        invocations("instances", lambda: {"instances": [record()], "params": {}}),
        invocations("inputs", lambda: {"inputs": {name: [value] for name, value in record().items()}}),
        invocations(
            "csv",
            lambda: ("frontal_image,indication\r\n" + ",".join(record().values()) + "\r\n").encode(),
            "text/csv; charset=utf-8",
        ),
        invocations("chat", dialogue),
        invocations("text", b"x", "text/plain"),
        invocations("empty", b"{}"),
        chat("one", png(0)),
        chat("the same again", png(0)),
        chat("length", png(0), max_tokens=2),
        chat("stop", png(0), stop=["the", "effusion"]),
        chat("logprobs", png(1), logprobs=True, top_logprobs=3),
        chat("sampled", png(1), **{**warm, "max_tokens": 20}),
        chat(
            "schema",
            png(0),
            max_tokens=100,
            response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
        ),
        chat("json object", png(0), max_tokens=40, response_format={"type": "json_object"}),
        chat("alternatives", png(0), json_schema=ALTERNATIVES),
        chat("choice", png(0), guided_choice=["left", "right", "none"]),
        chat("regex", png(0), guided_regex="(yes|no), [a-z]{3,8}"),
        chat("tools", png(0), tools=[{"type": "function", "function": {"name": "a"}}]),
        responses("whole", png(0)),
        responses("stream", png(0), stream=True),
        responses("cut off", png(0), max_output_tokens=2),
        responses("schema", png(0), text={"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}}),
        responses("kept", png(0), previous_response_id="resp_1"),
        post(
            "deployment",
            "/openai/deployments/hilum-demo/embeddings",
            lambda: {"input": uri(png(0)), "encoding_format": "base64"},
        ),
        post("pictures", "/images/embeddings", lambda: {"input": [{"image": uri(png(i))} for i in range(2)]}),
        get("/info"),
        chat("stream", png(0), stream=True, stream_options={"include_usage": True}),
        chat("stream with stop", png(0), stream=True, stop="pleural"),
        chat("stream with logprobs", png(2), stream=True, logprobs=True, top_logprobs=1),
        chat("stream sampled", png(2), stream=True, **{**warm, "max_tokens": 20}),
        chat("too long", png(0), "word " * 1500),
        chat("too long, stream", png(0), "word " * 1500, stream=True),
        chat("two answers", png(0), n=2),
        chat("no such model", png(0), model="gpt"),
        post("dialogue", "/v1/chat/completions", dialogue),
        post("three views", "/v1/chat/completions", three_views),
        post("no picture", "/v1/chat/completions", {"messages": [{"role": "user", "content": ASK}]}),
        post("broken", "/v1/chat/completions", b"{"),
        post(
            "url",
            "/v1/chat/completions",
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": ASK},
                            {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/a.png"}},
                        ],
                    }
                ]
            },
        ),
        embeddings("two pictures", [png(0), png(1)]),
        embeddings("base64", [png(0)], encoding_format="base64"),
        embeddings("text", ["edema"]),
        embeddings("dimensions", [png(0)], dimensions=5),
        embeddings("nothing", []),
        *field_cases(),
        get("/metrics"),
    ]

    many = [
        [
            *(parts(f"frontal {i}", "/v1/reports", {"frontal": png(i)}, {"study_id": f"s{i}"}) for i in range(4)),
            parts("all views", "/v1/reports", views, said),
            parts("sampled", "/v1/reports", {"frontal": png(1)}, warm),
            parts("phrase", "/v1/grounding", {"frontal": png(2)}, {"phrase": "pleural effusion"}),
            chat("one", png(0)),
            chat("stop", png(1), stop="pleural"),
            chat("stream", png(2), stream=True),
            embeddings("two", [png(2), png(3)]),
            score("rows", [[png(i)] for i in range(4)]),
        ],
        [
            parts("stream", "/v1/reports", {"frontal": png(3)}, {}, stream),
            parts("stream sampled", "/v1/reports", {"frontal": png(1)}, warm, stream),
            chat(
                "schema",
                png(0),
                max_tokens=100,
                response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
            ),
            post("dialogue", "/v1/chat/completions", dialogue),
            score("embedded rows", [[png(i), ""] for i in range(4)], ("image", "text")),
            parts("search", "/v1/search", {"image": png(1)}, {"top": 2}),
            chat("sampled", png(3), **{**warm, "max_tokens": 20}),
        ],
    ]

    forms = [
        score("documents", [[png(0)], [png(1)]], headers=deployment),
        score("unauthorised", [[png(0)]]),
        get("/v1/models", Authorization="Bearer secret"),
        parts("by name", "/v1/reports", {"frontal": png(0)}, {"model": "b"}, {"Authorization": "Bearer secret"}),
        parts("wrong key", "/v1/reports", {"frontal": png(0)}, {}, {"Authorization": "Bearer secres"}),
        get("/health"),
        score("documents with key", [[png(0)], [png(1)]], headers={**deployment, "Authorization": "Bearer secret"}),
        score("embeddings with key", [[png(0), ""]], ("image", "text"), headers={"Authorization": "Bearer secret"}),
    ]

    labels = {"labels": ["edema", "mass"], "template": "chest {}"}
    towers = [
        get("/v1/models"),
        embeddings("pictures and texts", [png(0), "chest mass", "edema"], model="clip"),
        embeddings("picture", [png(0)], model="mi2"),
        embeddings("texts", ["ab ca"], model="mi2"),
        parts("labels", "/v1/classify", {"image": png(0)}, {**labels, "model": "clip"}),
        parts("against", "/v1/classify", {"image": dicom(0)}, {**labels, "negative": "no {}", "model": "clip"}),
        score(
            "rows",
            [[png(0), "chest mass"], [png(1), None]],
            ("image", "text"),
            headers={"azureml-model-deployment": "clip"},
            params={"get_scaling_factor": True},
        ),
        score("texts", [["", "ab"], ["", "ca"]], ("image", "text"), headers={"azureml-model-deployment": "mi2"}),
        parts("report of the third", "/v1/reports", {"frontal": png(0)}, {"model": "demo"}),
        parts("report of towers", "/v1/reports", {"frontal": png(0)}, {"model": "clip"}),
        chat("chat of towers", png(0), model="mi2"),
    ]

    adapted = [
        parts("labels by adapter", "/v1/classify", {"image": png(0)}),
        score("labels by adapter", [[png(0)], [png(1)]], ("image",)),
        parts("report", "/v1/reports", {"frontal": png(0)}),
    ]
    lora = [
        get("/v1/models"),
        chat("question", png(0), max_tokens=16),
        parts("report", "/v1/reports", {"frontal": png(0)}, {"max_new_tokens": 16}),
        parts("labels", "/v1/reports", {"frontal": png(0)}, {"task": "labels", "max_new_tokens": 16}),
        embeddings("picture", [png(0)]),
        score("embedding", [[png(0), ""]], ("image", "text")),
    ]
    written = [
        request
        for name in ("xraygpt", "xraygpt-paper", "maira-2", "cxrreportgen", "cxr-llava")
        for request in (
            parts(name, "/v1/reports", {"frontal": png(0)}, {"model": name, "max_new_tokens": 20}),
            parts(f"{name} stream", "/v1/reports", {"frontal": png(1)}, {"model": name, "max_new_tokens": 20}, stream),
            parts(name, "/v1/grounding", {"frontal": png(0)}, {"model": name, "phrase": "edema", "max_new_tokens": 12}),
            chat(name, png(0), model=name, max_tokens=12),
            chat(f"{name} stream", png(1), model=name, max_tokens=12, stream=True, temperature=1, seed=3),
            score(name, [[png(0)]], headers={"azureml-model-deployment": name}),
            embeddings(name, [png(0)], model=name),
        )
    ]

    models = inputs / "models"
    named = lambda *pairs: [word for name, path in pairs for word in ("--model", f"{name}={path}")]
    key_file = inputs / "keys"
    return [
        Group("serve", ["--index", "in/films.db"], demo),
        Group("serve together", ["--index", "in/films.db"], many, has_log=False),
        Group("serve two slots", ["--slots", "2", "--context", "700"], many[:1], has_log=False),
        Group(
            "serve forms",
            [
                "--score-form",
                "documents",
                "--api-key-file",
                str(key_file),
                *named(("a", "models/demo"), ("b", "models/demo")),
            ],
            forms,
        ),
        Group(
            "serve towers",
            named(("clip", models / "biomedclip"), ("mi2", models / "medimageinsight"), ("demo", "models/demo")),
            towers,
        ),
        Group("serve adapter", ["--adapter", "in/adapter"], adapted, needs=inputs / "adapter"),
        Group("serve lora", ["--model", "in/models/cxr-llava", "--lora", "testdata/models/lora/cxr-llava"], lora),
        Group(
            "serve systems",
            named(
                *(
                    (name, models / name)
                    for name in ("xraygpt", "xraygpt-paper", "maira-2", "cxrreportgen", "cxr-llava")
                )
            ),
            written,
        ),
    ]


def field_cases():
    """Bodies and pictures of ../shared/cases, and a few real films, where they are."""
    requests = []
    cases = ROOT.parent / "shared" / "cases"
    if cases.is_dir():
        for path in sorted((cases / "server").iterdir()):
            requests.append(
                post(path.stem, "/score" if path.stem.startswith("score") else "/v1/chat/completions", path.read_bytes)
            )
        for path in sorted([*(cases / "dicom").glob("*.dcm"), *(cases / "images").glob("*.jpg")]):
            requests.append(parts(path.stem, "/v1/images", {"image": path.read_bytes}))
    for path in pictures()[::10]:
        requests.append(parts(path.name, "/v1/images", {"image": path.read_bytes}))
    return requests
