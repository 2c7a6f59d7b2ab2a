// exp, gelu, tanh and friends on one register, written over the Vec of the including file's instruction set
// (avx2/vec.h, avx512_vnni/vec.h). The polynomials are our own weighted least-squares fits (Chebyshev basis, Lawson
// weights) in double; their errors are stated beside them.
#pragma once

namespace {

// e^x = 2^n e^r with r in ±ln2/2; e^r = 1 + r + r² P(r), error 1.5e-8. Below -87.3 the result would
// leave the normal range: 0. Above 88.72283 it stays at the largest finite value.
inline Vec exp_of(Vec x) {
  const Vec clamped = vmin(set1(88.72283f), vmax(set1(-88.0f), x));  // in this order a NaN comes through
  const Vec n = round_nearest(mul(clamped, set1(1.44269504f)));
  Vec r =
      fnma(n, set1(0.693145751953125f), clamped);  // ln 2 in two parts; the first has 15 bits, so n times it is exact
  r = fnma(n, set1(1.42860682e-6f), r);
  Vec p = set1(1.390128468e-3f);
  p = fma(p, r, set1(8.363140380e-3f));
  p = fma(p, r, set1(4.166685335e-2f));
  p = fma(p, r, set1(1.666657732e-1f));
  p = fma(p, r, set1(4.999999955e-1f));
  const Vec e = add(fma(mul(r, r), p, r), set1(1.0f));
  return where_less(x, set1(-87.3f), set1(0.0f), times_power_of_two(e, n));
}

// erfc(|x|/√2), |x| <= 14: exp(-x²/2) · t · Q(1 - t), t = 4 / (z + 2), z = |x|/√2; Q fitted on 0 <= z <= 10, error
// 2e-8. x²/2 is carried in two parts, because one ulp of it in the exponent would be 1e-6 of the result at |x| = 6.
inline Vec erfc_over_sqrt2(Vec magnitude) {
  const Vec t = div(set1(4.0f), fma(magnitude, set1(0.70710677f), set1(2.0f)));
  const Vec u = sub(set1(1.0f), t);
  Vec q = set1(-1.199544645e-5f);
  q = fma(q, u, set1(-1.327674836e-4f));
  q = fma(q, u, set1(-1.815026166e-4f));
  q = fma(q, u, set1(7.611308076e-4f));
  q = fma(q, u, set1(1.608848979e-3f));
  q = fma(q, u, set1(-5.375811040e-3f));
  q = fma(q, u, set1(-9.108990651e-3f));
  q = fma(q, u, set1(6.986788937e-2f));
  q = fma(q, u, set1(-1.717902304e-1f));
  q = fma(q, u, set1(2.553956784e-1f));
  const Vec half = mul(magnitude, set1(0.5f));
  const Vec square = mul(magnitude, half);
  const Vec rest = fnma(magnitude, half, square);  // square - x²/2, multiplied back as e^rest ≈ 1 + rest
  const Vec e = exp_of(sub(set1(0.0f), square));
  return mul(fma(e, rest, e), mul(t, q));
}

// x/2 · erfc(-x/√2): for x > 0 as x - x/2 · erfc(x/√2), so that neither tail cancels. Past |x| = 13.2 the tail is 0.
inline Vec gelu_of(Vec x) {
  const Vec inner = vmax(set1(-14.0f), vmin(set1(14.0f), x));
  const Vec half_tail = mul(mul(inner, set1(0.5f)), erfc_over_sqrt2(vabs(inner)));
  return where_less(x, set1(0.0f), half_tail, sub(x, half_tail));
}

inline Vec sigmoid_times(Vec x, Vec argument) { return div(x, add(set1(1.0f), exp_of(sub(set1(0.0f), argument)))); }

// |x| < 0.625: x + x s P(s), s = x², error 2e-8; beyond: (1 - e) / (1 + e), e = exp(-2|x|).
inline Vec tanh_of(Vec x) {
  const Vec magnitude = vabs(x), s = mul(x, x);
  Vec p = set1(-6.090993109e-3f);
  p = fma(p, s, set1(2.099210356e-2f));
  p = fma(p, s, set1(-5.384940368e-2f));
  p = fma(p, s, set1(1.333275309e-1f));
  p = fma(p, s, set1(-3.333332844e-1f));
  const Vec small = fma(mul(x, s), p, x);
  const Vec e = exp_of(mul(magnitude, set1(-2.0f)));
  const Vec large = with_sign_of(div(sub(set1(1.0f), e), add(set1(1.0f), e)), x);
  return where_less(magnitude, set1(0.625f), small, large);
}

}  // namespace
