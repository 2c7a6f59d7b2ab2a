#!/usr/bin/env python3
"""The official OpenAI request shapes: models, chat (whole, streamed, stopped, seeded, by schema, with logprobs) and embeddings."""
import base64
import json
import struct

from client import PNG_2X2, arguments, data_uri, model_that, models, need, need_status, post, send


def chat_body(model, image, **more):
    content = [{"type": "text", "text": "Is there a pleural effusion?"}, {"type": "image_url", "image_url": {"url": image, "detail": "auto"}}]
    return {"model": model, "messages": [{"role": "system", "content": "You describe chest radiographs."}, {"role": "user", "content": content}],
            "max_tokens": 40, "temperature": 0, "seed": 1, **more}


def check_error(answer, word):
    need(400 <= answer.status < 500, f"{word}: status {answer.status}")
    error = answer.json()["error"]
    need(set(error) >= {"message", "type", "param", "code"} and word in error["message"], f"not OpenAI's error form: {answer.body!r}")


def stream_of(args, body):
    answer = post(args, "/v1/chat/completions", dict(body, stream=True, stream_options={"include_usage": True}))
    need_status(answer, 200, "a streamed chat")
    need(answer.headers["Content-Type"].startswith("text/event-stream"), "not an event stream")
    events = [event for event in answer.body.decode("utf-8").split("\n\n") if event and not event.startswith(":")]
    need(events[-1] == "data: [DONE]", "does not end with [DONE]")
    need(all(event.startswith("data: ") and "\n" not in event for event in events), "an event that is not one data line")
    chunks = [json.loads(event[len("data: "):]) for event in events[:-1]]
    need(all(c["object"] == "chat.completion.chunk" and c["id"] == chunks[0]["id"] and c["created"] == chunks[0]["created"] for c in chunks), "id or created differ between chunks")
    need(chunks[0]["choices"][0]["delta"]["role"] == "assistant", "the role does not come first")
    need(chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] > 0, "no usage chunk at the end")
    need(chunks[-2]["choices"][0]["finish_reason"] in ("stop", "length"), "no finish reason")
    return "".join(c["choices"][0]["delta"].get("content", "") for c in chunks[:-1])


def check_chat(args, model, image):
    answer = post(args, "/v1/chat/completions", chat_body(model, image))
    need_status(answer, 200, "a chat")
    whole = answer.json()
    need(whole["object"] == "chat.completion" and whole["choices"][0]["message"]["role"] == "assistant", "not a completion")
    text, usage = whole["choices"][0]["message"]["content"], whole["usage"]
    need(usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"], "usage does not add up")
    need(whole["choices"][0]["finish_reason"] in ("stop", "length"), "finish_reason")
    need(stream_of(args, chat_body(model, image)) == text, "the stream says something else")

    short = post(args, "/v1/chat/completions", chat_body(model, image, max_tokens=1000, max_completion_tokens=2)).json()
    need(short["usage"]["completion_tokens"] <= 2, "max_completion_tokens does not hold")
    if len(text) > 2:
        stop = text[len(text) // 2:][:3]
        stopped = post(args, "/v1/chat/completions", chat_body(model, image, stop=[stop])).json()["choices"][0]
        need(stopped["message"]["content"] == text[:text.index(stop)] and stopped["finish_reason"] == "stop", f"stop {stop!r} does not hold: {stopped}")
    seeded = [post(args, "/v1/chat/completions", chat_body(model, image, temperature=1.5)).json()["choices"][0]["message"]["content"] for _ in range(2)]
    need(seeded[0] == seeded[1], "one seed gives two answers")

    probs = post(args, "/v1/chat/completions", chat_body(model, image, logprobs=True, top_logprobs=2)).json()["choices"][0]["logprobs"]["content"]
    need(probs and all(p["logprob"] <= 1e-6 and len(p["top_logprobs"]) == 2 and isinstance(p["bytes"], list) for p in probs), "logprobs")
    spelt = b"".join(bytes(p["bytes"]) for p in probs).decode("utf-8", "replace")
    need(spelt.strip() == text.strip(), f"the logprobs spell {spelt!r}, not {text!r}")

    schema = {"type": "object", "properties": {"effusion": {"enum": ["yes", "no"]}, "note": {"type": "string", "maxLength": 10}}, "required": ["effusion"], "additionalProperties": False}
    asked = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    held = post(args, "/v1/chat/completions", chat_body(model, image, max_tokens=200, response_format=asked))
    need_status(held, 200, "json_schema")
    if held.json()["choices"][0]["finish_reason"] == "stop":
        value = json.loads(held.json()["choices"][0]["message"]["content"])
        need(value["effusion"] in ("yes", "no") and set(value) <= {"effusion", "note"}, f"not by the schema: {value}")
    refused = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "array", "contains": {"type": "string"}}}}
    check_error(post(args, "/v1/chat/completions", chat_body(model, image, response_format=refused)), "contains")

    check_error(post(args, "/v1/chat/completions", chat_body(model, "https://example.org/a.png")), "not fetched")
    check_error(post(args, "/v1/chat/completions", chat_body(model, image, n=2)), "n:")
    check_error(post(args, "/v1/chat/completions", {"model": model}), "messages")
    check_error(send(args, "POST", "/v1/chat/completions", b"{"), "JSON")
    check_error(post(args, "/v1/chat/completions", chat_body("no-such-model", image)), "model")
    return text


def check_embeddings(args, model, image):
    inputs = [{"content": [{"type": "image_url", "image_url": {"url": image}}]}]
    if "text" in model["architecture"]["input_modalities"] and model["hilum"]["kind"] == "embeddings":
        inputs = ["x-ray chest anteroposterior Edema", "x-ray chest anteroposterior No Finding"] + inputs
    call = lambda form: post(args, "/v1/embeddings", {"model": model["id"], "input": inputs, "encoding_format": form})
    numbers, packed = call("float"), call("base64")   # base64: what the official client asks for by itself
    need_status(numbers, 200, "embeddings")
    need_status(packed, 200, "embeddings in base64")
    for i, (one, other) in enumerate(zip(numbers.json()["data"], packed.json()["data"])):
        need(one["index"] == other["index"] == i and one["object"] == "embedding", "index or object")
        data = base64.b64decode(other["embedding"])
        values = struct.unpack(f"<{len(data) // 4}f", data)
        need([struct.unpack("<f", struct.pack("<f", v))[0] for v in one["embedding"]] == list(values), "base64 holds other numbers")
        need(abs(sum(v * v for v in values) - 1) < 1e-3, "not of length 1")
    need(len(numbers.json()["data"]) == len(inputs), "not one embedding an input")
    check_error(post(args, "/v1/embeddings", {"model": model["id"], "input": [[1, 2, 3]]}), "token ids")
    check_error(post(args, "/v1/embeddings", {"model": model["id"], "input": []}), "input")
    return len(values)


def main():
    args = arguments(__doc__)
    image = data_uri(args.images[0])
    for model in models(args):
        one = send(args, "GET", "/v1/models/" + model["id"])
        need(one.status == 200 and one.json() == model, f"/v1/models/{model['id']} differs from the list")
    check_error(send(args, "GET", "/v1/models/no-such-model"), "no-such-model")
    talks = model_that(args, lambda m: "question" in m["hilum"]["tasks"])
    text = check_chat(args, talks["id"], image) if talks else None
    embeds = model_that(args, lambda m: m["hilum"]["kind"] == "embeddings") or model_that(args, lambda m: True)
    width = check_embeddings(args, embeds, image)
    check_error(post(args, "/v1/embeddings", {"model": embeds["id"], "input": [{"content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(PNG_2X2[:40]).decode()}}]}]}), "")
    print(f"openai_shapes: {'chat ' + repr(text) if talks else 'no model talks'}, embeddings of width {width}")


if __name__ == "__main__":
    main()
