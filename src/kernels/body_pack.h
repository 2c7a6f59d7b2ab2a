// Weights into panels: transposes of 8 rows by 8 columns, so that reading and writing both go by whole registers. AVX2
// suffices: it is memory that sets the pace.
#pragma once

namespace {

// to[j * 16 + i] = from[i * ld + j] for i, j in 0..7
inline void transpose8(const float* from, int64_t ld, float* to) {
  __m256 r[8], s[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) r[i] = _mm256_loadu_ps(from + i * ld);
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {  // pairs of rows: columns 0, 1, 4, 5 and 2, 3, 6, 7 interleaved
    s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4)  // fours of rows: r[i + c] holds columns c and c + 4
#pragma GCC unroll 2
    for (int c = 0; c < 2; ++c) {
      r[i + 2 * c] = _mm256_shuffle_ps(s[i + c], s[i + 2 + c], 0x44);
      r[i + 2 * c + 1] = _mm256_shuffle_ps(s[i + c], s[i + 2 + c], 0xee);
    }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    _mm256_storeu_ps(to + j * 16, _mm256_permute2f128_ps(r[j], r[j + 4], 0x20));
    _mm256_storeu_ps(to + (j + 4) * 16, _mm256_permute2f128_ps(r[j], r[j + 4], 0x31));
  }
}

inline void transpose8(const uint16_t* from, int64_t ld, uint16_t* to) {
  __m128i r[8], s[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) r[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * ld));
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    s[i] = _mm_unpacklo_epi16(r[i], r[i + 1]);      // columns 0..3 of two rows
    s[i + 1] = _mm_unpackhi_epi16(r[i], r[i + 1]);  // columns 4..7
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4)
#pragma GCC unroll 2
    for (int c = 0; c < 2; ++c) {
      r[i + 2 * c] = _mm_unpacklo_epi32(s[i + c], s[i + 2 + c]);  // two columns of four rows
      r[i + 2 * c + 1] = _mm_unpackhi_epi32(s[i + c], s[i + 2 + c]);
    }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * j * 16), _mm_unpacklo_epi64(r[j], r[j + 4]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + (2 * j + 1) * 16), _mm_unpackhi_epi64(r[j], r[j + 4]));
  }
}

template <typename T>
void pack_as(const T* w, int64_t ldw, int64_t k, int64_t first, int64_t last, T* panels) {
  for (int64_t base = first; base < last; base += kPanelWidth) {
    const T* from = w + base * ldw;
    T* panel = panels + base * k;
    const int64_t rows = last - base < kPanelWidth ? last - base : kPanelWidth;
    int64_t j = 0;
    if (rows == kPanelWidth)
      for (; j + 8 <= k; j += 8) {
        transpose8(from + j, ldw, panel + j * kPanelWidth);
        transpose8(from + 8 * ldw + j, ldw, panel + j * kPanelWidth + 8);
      }
    for (; j < k; ++j)
      for (int64_t i = 0; i < kPanelWidth; ++i) panel[j * kPanelWidth + i] = i < rows ? from[i * ldw + j] : T(0);
  }
}

void pack(
    const void* weight, WeightType type, int64_t ldw, int64_t k, int64_t first, int64_t last, void* panels) noexcept {
  if (type == WeightType::kF32)
    pack_as(static_cast<const float*>(weight), ldw, k, first, last, static_cast<float*>(panels));
  else pack_as(static_cast<const uint16_t*>(weight), ldw, k, first, last, static_cast<uint16_t*>(panels));
}

}  // namespace
