// Window and level: pure functions on numbers, no page. Samples are 0..65535; people read percent of that range.

export const kMaxSample = 65535;
const kMinWidth = 0.01 * kMaxSample;

export const fullWindow = () => ({ centre: kMaxSample / 2, width: kMaxSample, invert: false });

export function clampWindow({ centre, width, invert }) {
  return {
    centre: Math.min(kMaxSample, Math.max(0, centre)),
    width: Math.min(kMaxSample, Math.max(kMinWidth, width)),
    invert,
  };
}

export const toPercent = (sample) => (100 * sample) / kMaxSample;
export const fromPercent = (percent) => (percent * kMaxSample) / 100;

// 65536 opaque grey pixels (0xAABBGGRR): black up to centre - width/2, white from centre + width/2, a straight line between.
export function buildTable({ centre, width, invert }) {
  const table = new Uint32Array(kMaxSample + 1);
  const low = centre - width / 2;
  for (let sample = 0; sample <= kMaxSample; ++sample) {
    const value = ((sample - low) * 255) / width;
    const grey = value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
    table[sample] = ((invert ? 255 - grey : grey) * 0x010101 | 0xff000000) >>> 0;
  }
  return table;
}

// The window that spans the middle of a picture's grey values: from the `low` to the `high` fraction of its samples.
export function percentileWindow(samples, low = 0.01, high = 0.99) {
  const counts = new Uint32Array(1024);
  const step = Math.max(1, Math.floor(samples.length / 500000));
  let total = 0;
  for (let i = 0; i < samples.length; i += step, ++total) ++counts[samples[i] >> 6];
  const at = (fraction) => {
    let seen = 0;
    for (let bin = 0; bin < counts.length; ++bin) {
      seen += counts[bin];
      if (seen >= fraction * total) return bin << 6;
    }
    return kMaxSample;
  };
  const from = at(low), to = Math.max(from + 64, at(high) + 63);
  return clampWindow({ centre: (from + to) / 2, width: to - from, invert: false });
}
