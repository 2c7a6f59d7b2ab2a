// A decoded picture: its samples at full size and halved again and again, so that a small view of a large film is neither
// slow to window nor jagged.

const kSmallest = 256;   // px: halving stops before a side is shorter

export class Picture {
  // samples: width * height, 0..65535, row by row. info: what the server said about the file.
  constructor(samples, info) {
    this.width = info.width;
    this.height = info.height;
    this.info = info;
    this.levels = [{ samples, width: info.width, height: info.height }];
  }

  get samples() { return this.levels[0].samples; }
  sampleAt(x, y) { return this.samples[y * this.width + x]; }

  // The smallest level that still has a sample for each shown pixel; scale: shown pixels per picture pixel.
  levelFor(scale) {
    let index = 0;
    while (scale * 2 ** (index + 1) <= 1 && this.#has(index + 1)) ++index;
    return index;
  }

  #has(index) {
    if (index < this.levels.length) return true;
    const { width, height } = this.levels[index - 1];
    if (Math.min(width, height) < 2 * kSmallest) return false;
    this.levels.push(halve(this.levels[index - 1]));
    return true;
  }
}

// Means of 2 x 2 samples; an odd last row or column is left out.
export function halve({ samples, width, height }) {
  const w = width >> 1, h = height >> 1;
  const out = new Uint16Array(w * h);
  for (let y = 0; y < h; ++y) {
    for (let x = 0, i = 2 * y * width; x < w; ++x, i += 2)
      out[y * w + x] = (samples[i] + samples[i + 1] + samples[i + width] + samples[i + width + 1] + 2) >> 2;
  }
  return { samples: out, width: w, height: h };
}
