"""What the clients here share: one POST with the published clients' retries, and the size of a picture. Python's standard library alone."""
import argparse
import base64
import json
import struct
import sys
import time
import urllib.error
import urllib.request

PNG_2X2 = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNwaGA48B8ABcUCgFiWOssAAAAASUVORK5CYII=")


def arguments(description, images=True):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--url", required=True, help="of the server, without a path: http://127.0.0.1:8080")
    parser.add_argument("--key", help="of the server's key file")
    parser.add_argument("--model", help="which of several, by name")
    if images:
        parser.add_argument("images", nargs="+", help="PNG or JPEG files; the first is the frontal")
    return parser.parse_args()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def send(args, method, path, body=None, content_type="application/json", headers=None):
    """One request, repeated on 429 and 5xx as the published clients do, after the time Retry-After names."""
    request = urllib.request.Request(args.url.rstrip("/") + path, data=body, method=method, headers=dict(headers or {}))
    if body is not None:
        request.add_header("Content-Type", content_type)
    if args.key:
        request.add_header("Authorization", "Bearer " + args.key)
    for attempt in range(15):
        try:
            with urllib.request.urlopen(request, timeout=600) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.headers, error.read())
            if answer.status not in (429, 503) or attempt == 14:
                return answer
            need(answer.headers.get("Retry-After"), f"{path}: {answer.status} without Retry-After")
            time.sleep(min(5.0, float(answer.headers["Retry-After"])))
    raise AssertionError("not reached")


def post(args, path, value, **more):
    return send(args, "POST", path, json.dumps(value).encode(), **more)


def need(holds, what):
    if not holds:
        sys.exit("MISMATCH: " + what)


def need_status(answer, status, what):
    need(answer.status == status, f"{what}: status {answer.status}, not {status}: {answer.body[:500]!r}")


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def encoded(path):
    """As the documents' snippets encode: a newline each 76 characters and at the end."""
    return base64.encodebytes(read_bytes(path)).decode("utf-8")


def data_uri(path):
    data = read_bytes(path)
    kind = "image/png" if data[:4] == b"\x89PNG" else "image/jpeg" if data[:2] == b"\xff\xd8" else "application/dicom"
    return f"data:{kind};base64," + base64.b64encode(data).decode("ascii")


def size_of(path):
    """Width and height of a PNG or JPEG, px."""
    data = read_bytes(path)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return struct.unpack(">II", data[16:24])
    need(data[:2] == b"\xff\xd8", f"{path} is neither PNG nor JPEG")
    at = 2
    while at + 9 < len(data):
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    sys.exit(f"{path}: no size found")


def models(args):
    answer = send(args, "GET", "/v1/models")
    need_status(answer, 200, "/v1/models")
    listed = answer.json()
    need(listed["object"] == "list" and listed["data"], "/v1/models lists nothing")
    return listed["data"]


def model_that(args, holds):
    """The first served model for which `holds`, by --model where it is given; None: there is none."""
    fitting = [m for m in models(args) if holds(m) and (not args.model or m["id"] == args.model)]
    return fitting[0] if fitting else None
