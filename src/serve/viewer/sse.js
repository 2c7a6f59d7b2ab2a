// Server-sent events out of a fetch body (EventSource cannot POST). WHATWG HTML, section 9.2.6.

// Calls on_event(name, data) for each event of `body` (a ReadableStream of bytes) until it ends. Comment lines are left out.
export async function readEvents(body, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "", name = "message", data = [];
  const line = (text) => {
    if (text === "") {
      if (data.length) onEvent(name, data.join("\n"));
      name = "message";
      data = [];
      return;
    }
    if (text.startsWith(":")) return;
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;                       // an event without its blank line is not one
    buffer += value;
    for (;;) {
      const end = buffer.search(/\r\n|\n|\r(?!$)/);   // a \r at the very end may be half of \r\n
      if (end < 0) break;
      const text = buffer.slice(0, end);
      buffer = buffer.slice(end + (buffer.startsWith("\r\n", end) ? 2 : 1));
      line(text);
    }
  }
}
