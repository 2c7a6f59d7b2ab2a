// multipart/form-data of a request, whole in memory. -> Map of name -> {filename, bytes}
export function parseMultipart(type, body) {
  const boundary = /boundary="?([^";]+)"?/.exec(type ?? "")?.[1];
  if (!boundary) throw new Error("no boundary");
  const parts = new Map(), mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at >= 0;) {
    const start = at + mark.length, end = body.indexOf(mark, start);
    if (end < 0) break;
    const gap = body.indexOf("\r\n\r\n", start);
    const head = body.subarray(start, gap).toString();
    const name = /name="([^"]*)"/.exec(head)?.[1];
    parts.set(name, { filename: /filename="([^"]*)"/.exec(head)?.[1] ?? null, bytes: body.subarray(gap + 4, end - 2) });
    at = end;
  }
  return parts;
}
