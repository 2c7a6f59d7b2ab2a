// Just enough of PNG and DICOM for the phantoms that `hilum phantom` writes: 8-bit grey PNG, explicit little-endian 16-bit DICOM.
import { inflateSync } from "node:zlib";

// -> {width, height, bits, format, samples: Buffer of little-endian u16, view, study_date, steps, spacing_mm} or throws Error.
export function decode(bytes) {
  if (bytes.subarray(1, 4).toString() === "PNG") return decodePng(bytes);
  if (bytes.subarray(128, 132).toString() === "DICM") return decodeDicom(bytes);
  throw new Error("is neither PNG nor DICOM");
}

function decodePng(bytes) {
  let at = 8, width = 0, height = 0;
  const data = [];
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at), type = bytes.subarray(at + 4, at + 8).toString(), body = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      if (body[8] !== 8 || body[9] !== 0 || body[12] !== 0) throw new Error("is not 8-bit grey without interlace");
    } else if (type === "IDAT") {
      data.push(body);
    }
    at += 12 + length;
  }
  const rows = inflateSync(Buffer.concat(data)), samples = Buffer.alloc(width * height * 2);
  let before = new Uint8Array(width);
  for (let y = 0; y < height; ++y) {
    const filter = rows[y * (width + 1)], row = new Uint8Array(rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)));
    for (let x = 0; x < width; ++x) {
      const a = x ? row[x - 1] : 0, b = before[x], c = x ? before[x - 1] : 0;
      row[x] += [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
      samples.writeUInt16LE(row[x] * 257, 2 * (y * width + x));
    }
    before = row;
  }
  return { width, height, bits: 8, format: "png", samples, view: "", study_date: "", steps: [], spacing_mm: 0 };
}

function paeth(a, b, c) {
  const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

const kLongForms = ["OB", "OW", "SQ", "UN", "UT", "OF", "UC", "UR"];

function decodeDicom(bytes) {
  const tags = new Map();
  for (let at = 132; at + 8 <= bytes.length;) {
    const tag = bytes.readUInt16LE(at) * 0x10000 + bytes.readUInt16LE(at + 2), form = bytes.subarray(at + 4, at + 6).toString();
    const long = kLongForms.includes(form), length = long ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
    if (length === 0xffffffff) throw new Error("has a sequence of undefined length");
    const start = at + (long ? 12 : 8);
    tags.set(tag, bytes.subarray(start, start + length));
    at = start + length;
  }
  const text = (tag) => (tags.get(tag)?.toString() ?? "").replace(/[\0 ]+$/, "");
  const height = tags.get(0x00280010).readUInt16LE(), width = tags.get(0x00280011).readUInt16LE(), stored = tags.get(0x00280101).readUInt16LE();
  const pixels = tags.get(0x7fe00010), samples = Buffer.alloc(width * height * 2), most = 2 ** stored - 1;
  for (let i = 0; i < width * height; ++i) samples.writeUInt16LE(Math.round((Math.min(most, pixels.readUInt16LE(2 * i)) * 65535) / most), 2 * i);
  return {
    width, height, bits: 16, format: "dicom", samples, view: text(0x00185101), study_date: text(0x00080020),
    steps: ["window 2048/4096 (linear)"], spacing_mm: Number(text(0x00181164).split("\\")[0]) || 0,
  };
}
