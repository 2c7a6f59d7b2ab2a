// Attention of a few rows over one head's keys, flash style: keys pass in blocks, each row keeps its running maximum
// and sum, and what was summed before is scaled down when the maximum rises (Milakov and Gimelshein 2018; Dao et al.
// 2022). Uses the tiles of body_gemm.h.
#pragma once

namespace {

void attention_group(const AttentionArgs& a, int64_t first, int64_t rows) {
  alignas(64) float query[kMaxRows * kStride];
  alignas(64) float score[kMaxRows * kStride];
  alignas(64) float out[kMaxRows * kMaxHeadDim];
  float top[kMaxRows], sum[kMaxRows];
  const int64_t padded = (a.d + kPanelWidth - 1) / kPanelWidth * kPanelWidth;
  copy_block(a.q + first * a.ldq, a.ldq, rows, a.d, query);
  for (int64_t m = 0; m < rows; ++m) {
    top[m] = -__builtin_inff();
    sum[m] = 0;
  }
  const int64_t keys = a.visible[first + rows - 1], begin = a.hidden ? a.hidden[first] / kDepth * kDepth : 0;
  for (int64_t key = begin; key < keys; key += kDepth) {
    const int64_t count = keys - key < kDepth ? keys - key : kDepth;
    run_group<WeightType::kF32>(rows,
        {query, a.key_panels + key * a.d, a.d * kPanelWidth, kPanelWidth, a.d, nullptr, false, score, kStride, 0},
        count);
    for (int64_t m = 0; m < rows; ++m) {
      float* row = score + m * kStride;
      const int64_t all = a.visible[first + m] - key;
      const int64_t seen = all < 0 ? 0 : all < count ? all : count;
      const int64_t unseen = a.hidden ? a.hidden[first + m] - key : 0;  // of this block, at its begin
      int64_t i = 0;
      if (unseen >= seen) {  // nothing of the block: the row's maximum and sum stay
        for (; i < count; i += kWidth) store(row + i, set1(0));
        continue;
      }
      for (; i < unseen; ++i) row[i] = -__builtin_inff();
      i = 0;
      Vec most = set1(top[m]);
      for (; i + kWidth <= seen; i += kWidth) most = vmax(most, load(row + i));
      if (i < seen) most = vmax(most, first_or(load_first(row + i, seen - i), most, seen - i));
      const float now = max_of(most);
      if (now > top[m] && key > begin) {
        const float shrink_by = top[m] - now;
        const Vec shrink = exp_of(set1(shrink_by));
        float* o = out + m * kMaxHeadDim;
        for (int64_t j = 0; j < padded; j += kWidth) store(o + j, mul(load(o + j), shrink));
        sum[m] *= max_of(shrink);
      }
      top[m] = now;
      const Vec base = set1(now);
      Vec total = set1(0);
      for (i = 0; i + kWidth <= seen; i += kWidth) {
        const Vec e = exp_of(sub(load(row + i), base));
        total = add(total, e);
        store(row + i, e);
      }
      if (i < seen) {
        const Vec e = first_or(exp_of(sub(load(row + i), base)), set1(0), seen - i);
        total = add(total, e);
        store(row + i, e);
        i += kWidth;
      }
      for (; i < count; i += kWidth) store(row + i, set1(0));
      sum[m] += sum_of(total);
    }
    run_group<WeightType::kF32>(rows,
        {score, a.values + key * a.ldv, kPanelWidth, a.ldv, count, nullptr, key > begin, out, kMaxHeadDim, 0}, padded);
  }
  for (int64_t m = 0; m < rows; ++m) scale_n(out + m * kMaxHeadDim, 1.0f / sum[m], a.y + (first + m) * a.ldy, a.d);
}

void attention(const AttentionArgs& a) noexcept {
  const int64_t groups = (a.rows + kMaxRows - 1) / kMaxRows;
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t row = group * a.rows / groups;
    attention_group(a, row, (group + 1) * a.rows / groups - row);
  }
}

}  // namespace
