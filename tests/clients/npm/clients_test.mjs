// The official client libraries against a running server. Environment (set by `run`): HILUM_URL, HILUM_PHANTOM (a PNG the demo model knows), HILUM_FAR (one it
// does not), HILUM_KEY (where the server wants one).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embed, generateObject, generateText, streamObject, streamText } from "ai";
import OpenAI, { AzureOpenAI } from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { z as z4 } from "zod/v4";

const url = process.env.HILUM_URL, key = process.env.HILUM_KEY ?? "none", model = "hilum-demo";
const image = readFileSync(process.env.HILUM_PHANTOM), far = readFileSync(process.env.HILUM_FAR);
const uri = (bytes) => `data:image/png;base64,${bytes.toString("base64")}`;
const question = "Is there a pleural effusion?";
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const messages = (bytes = image) => [{ role: "user", content: [{ type: "text", text: question }, { type: "image_url", image_url: { url: uri(bytes) } }] }];
const answer = (await client.chat.completions.create({ model, messages: messages() })).choices[0].message.content;

// What zod's forms come to: nullable, whole numbers with bounds, alternatives, references by reuse, patterns and formats.
const Side = z.enum(["left", "right", "both"]);
const Finding = z.object({
  name: z.string().max(40), side: Side.nullable(), size_mm: z.number().min(0).max(300).nullable(), share: z.number().min(0).max(1), count: z.number().int().min(1).max(9),
});
const Form = z.object({ seen: z.boolean(), findings: z.array(Finding).max(2), date: z.string().date(), code: z.string().regex(/^[A-Z]{2}\d{2}$/), other: z.union([z.literal("none"), z.number().int().positive()]) });
const in_order = (object) => assert.deepEqual(Object.keys(object), ["seen", "findings", "date", "code", "other"]);

test("openai: chat, whole and streamed", async () => {
  assert.ok(answer.length > 3);
  const stream = await client.chat.completions.create({ model, messages: messages(), stream: true, stream_options: { include_usage: true } });
  let text = "", usage = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, answer);
  assert.ok(usage.total_tokens > usage.completion_tokens);
});

test("openai: a dialogue with an assistant's message of null", async () => {
  const dialogue = [...messages(), { role: "assistant", content: null }, { role: "user", content: "On which side?" }];
  assert.ok((await client.chat.completions.create({ model, messages: dialogue })).choices[0].message.content);
});

test("openai: zod's form by chat completions", async () => {
  const done = await client.chat.completions.parse({ model, messages: messages(), response_format: zodResponseFormat(Form, "form") });
  in_order(Form.parse(done.choices[0].message.parsed));
});

test("openai: what zod 4 writes of its own forms", async () => {
  const kinds = {
    email: z4.email(), id: z4.uuid(), when: z4.iso.datetime(), day: z4.iso.date(), time: z4.iso.time(), ip: z4.ipv4(), whole: z4.int().min(1), text: z4.string().max(20).nullable(),
    code: z4.base64().min(4).max(8), side: z4.enum(["left", "right"]).optional(), pair: z4.tuple([z4.number(), z4.string().max(3)]),
    either: z4.discriminatedUnion("kind", [z4.object({ kind: z4.literal("x"), v: z4.int() }), z4.object({ kind: z4.literal("y"), w: z4.boolean() })]),
  };
  const Form4 = z4.object(kinds);
  const response_format = { type: "json_schema", json_schema: { name: "form", strict: true, schema: z4.toJSONSchema(Form4) } };
  const done = await client.chat.completions.create({ model, messages: messages(), response_format, max_completion_tokens: 700 });
  assert.equal(done.choices[0].finish_reason, "stop");
  Form4.parse(JSON.parse(done.choices[0].message.content));
});

test("openai: responses, whole, streamed and by a form", async () => {
  const input = [{ role: "user", content: [{ type: "input_text", text: question }, { type: "input_image", image_url: uri(image), detail: "auto" }] }];
  const whole = await client.responses.create({ model, input });
  assert.equal(whole.output_text, answer);
  assert.equal(whole.status, "completed");
  const types = [], stream = await client.responses.create({ model, input, stream: true });
  let text = "";
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
    assert.equal(event.sequence_number, types.length - 1);
  }
  assert.equal(text, answer);
  assert.deepEqual([types[0], types.at(-1)], ["response.created", "response.completed"]);
  in_order(Form.parse((await client.responses.parse({ model, input, text: { format: zodTextFormat(Form, "form") } })).output_parsed));
  const cut = await client.responses.create({ model, input, max_output_tokens: 2 });
  assert.deepEqual([cut.status, cut.incomplete_details.reason], ["incomplete", "max_output_tokens"]);
  await assert.rejects(client.responses.create({ model, input, previous_response_id: "resp_1" }), /previous_response_id/);
});

test("openai: tools are text with a warning, or refused", async () => {
  const tools = [{ type: "function", function: { name: "measure", parameters: { type: "object", properties: {} } } }];
  const done = await client.chat.completions.create({ model, messages: messages(), tools });
  assert.equal(done.choices[0].message.content, answer);
  assert.match(done.warnings[0], /^tools:/);
  await assert.rejects(client.chat.completions.create({ model, messages: messages(), tools, tool_choice: "required" }), /tool_choice/);
});

test("openai: a picture far from the phantoms is named in the answer", async () => {
  const done = await client.chat.completions.create({ model, messages: messages(far) });
  assert.match(done.choices[0].message.content, /meaningless for patients/);
  assert.match(done.warnings.at(-1), /meaningless for patients/);
  let text = "";
  for await (const chunk of await client.chat.completions.create({ model, messages: messages(far), stream: true })) text += chunk.choices[0]?.delta?.content ?? "";
  assert.equal(text, done.choices[0].message.content);
  const form = await client.chat.completions.parse({ model, messages: messages(far), response_format: zodResponseFormat(Form, "form") });
  Form.parse(form.choices[0].message.parsed);
  assert.match(form.warnings.at(-1), /meaningless for patients/);
});

test("openai: embeddings of a data URI", async () => {
  const done = await client.embeddings.create({ model, input: uri(image) });
  assert.ok(Math.abs(done.data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-4);
});

test("AzureOpenAI: by deployment, with the api-key header", async () => {
  const azure = new AzureOpenAI({ endpoint: url, apiKey: key, apiVersion: "2024-10-21", deployment: model, maxRetries: 0 });
  assert.equal((await azure.chat.completions.create({ model, messages: messages() })).choices[0].message.content, answer);
  assert.equal((await azure.embeddings.create({ model, input: uri(image) })).data.length, 1);
  const other = new AzureOpenAI({ endpoint: url, apiKey: key, apiVersion: "2025-04-01-preview", maxRetries: 0 });
  const input = [{ role: "user", content: [{ type: "input_text", text: question }, { type: "input_image", image_url: uri(image), detail: "auto" }] }];
  assert.equal((await other.responses.create({ model, input })).output_text, answer);
});

test("a body in chunks is read", async () => {
  const body = Readable.from([JSON.stringify({ model, messages: messages() })].flatMap((text) => text.match(/[^]{1,5000}/g)));
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", body, duplex: "half", headers: { "Content-Type": "application/json", authorization: `bearer ${key}` } });
  assert.equal(response.status, 200, await response.clone().text());
  assert.equal((await response.json()).choices[0].message.content, answer);
});

const said = [{ role: "user", content: [{ type: "text", text: question }, { type: "image", image, mediaType: "image/png" }] }];
const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
for (const [name, of] of [["responses", openai.responses(model)], ["chat", openai.chat(model)],
  ["compatible", createOpenAICompatible({ name: "hilum", baseURL: `${url}/v1`, apiKey: key, supportsStructuredOutputs: true })(model)]]) {
  test(`AI SDK (${name}): text, stream and form`, async () => {
    assert.equal((await generateText({ model: of, messages: said, maxRetries: 0 })).text, answer);
    let text = "";
    for await (const piece of streamText({ model: of, messages: said, maxRetries: 0 }).textStream) text += piece;
    assert.equal(text, answer);
    in_order((await generateObject({ model: of, schema: Form, messages: said, maxRetries: 0 })).object);
    const streamed = streamObject({ model: of, schema: Form, messages: said, maxRetries: 0 });
    for await (const _ of streamed.partialObjectStream);
    in_order(await streamed.object);
  });
}
test("AI SDK: embedding of a data URI", async () => {
  assert.ok((await embed({ model: openai.textEmbeddingModel(model), value: uri(image), maxRetries: 0 })).embedding.length > 16);
});

test("LangChain: chat, stream, form by json_schema and by json mode, embeddings", async () => {
  const chat = new ChatOpenAI({ model, apiKey: key, configuration: { baseURL: `${url}/v1` }, maxRetries: 0 });
  const ask = [new HumanMessage({ content: messages()[0].content })];
  assert.equal((await chat.invoke(ask)).content, answer);
  let text = "";
  for await (const piece of await chat.stream(ask)) text += piece.content;
  assert.equal(text, answer);
  in_order(await chat.withStructuredOutput(Form, { name: "form", method: "jsonSchema", strict: true }).invoke(ask));
  in_order(await chat.withStructuredOutput(Form, { name: "form", method: "jsonSchema" }).invoke(ask));
  await assert.rejects(chat.withStructuredOutput(Form, { name: "form", method: "functionCalling" }).invoke(ask), /tool_choice/);
  const embeddings = new OpenAIEmbeddings({ model, apiKey: key, configuration: { baseURL: `${url}/v1` }, maxRetries: 0 });
  assert.ok((await embeddings.embedQuery(uri(image))).length > 16);
});
