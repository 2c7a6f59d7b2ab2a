#include "train/objectives/contrastive.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include "base/expect_error_for_test.h"
#include "train/objectives/finite_differences_for_test.h"

namespace hilum {
namespace {

constexpr int64_t kPairs = 6, kWidth = 4;

struct Pairs {
  at::Tensor images = normal_leaf(at::zeros({kPairs, kWidth}, at::kDouble), 1);
  at::Tensor texts = normal_leaf(at::zeros({kPairs, kWidth}, at::kDouble), 2);
  at::Tensor log_scale = normal_leaf(at::zeros({}, at::kDouble), 3);
};

at::Tensor unit(const at::Tensor& rows) { return rows / rows.norm(2, {1}, /*keepdim=*/true); }

double cosine(const at::Tensor& images, const at::Tensor& texts, int64_t i, int64_t k) {
  double sum = 0, image = 0, text = 0;
  for (int64_t d = 0; d < kWidth; ++d) {
    const double a = images.data_ptr<double>()[i * kWidth + d], b = texts.data_ptr<double>()[k * kWidth + d];
    sum += a * b;
    image += a * a;
    text += b * b;
  }
  return sum / std::sqrt(image * text);
}

// The published formula, term by term; with every class its own it is CLIP's.
double plain(const Pairs& p, const std::vector<int64_t>& classes) {
  const double scale = std::exp(p.log_scale.item<double>());
  const auto one_way = [&](bool of_images) {
    double total = 0;
    for (int64_t i = 0; i < kPairs; ++i) {
      const auto logit = [&](int64_t k) {
        return scale * (of_images ? cosine(p.images, p.texts, i, k) : cosine(p.images, p.texts, k, i));
      };
      double all = 0, right = 0, count = 0;
      for (int64_t j = 0; j < kPairs; ++j) all += std::exp(logit(j));
      for (int64_t k = 0; k < kPairs; ++k) {
        if (classes[static_cast<size_t>(k)] != classes[static_cast<size_t>(i)]) continue;
        right += std::log(std::exp(logit(k)) / all);
        ++count;
      }
      total -= right / count;
    }
    return total / static_cast<double>(kPairs);
  };
  return (one_way(true) + one_way(false)) / 2;
}

const std::vector<int64_t> kEachItsOwn{1, 2, 3, 4, 5, 6}, kShared{7, 3, 7, 7, 9, 3};

TEST(Contrastive, ClipIsItsFormula) {
  const Pairs p;
  EXPECT_NEAR(clip_loss(unit(p.images), unit(p.texts), p.log_scale).item<double>(), plain(p, kEachItsOwn), 1e-12);
}

TEST(Contrastive, UniclIsItsFormula) {
  const Pairs p;
  EXPECT_NEAR(unicl_loss(unit(p.images), unit(p.texts), p.log_scale, kShared).item<double>(), plain(p, kShared), 1e-12);
  EXPECT_GT(std::abs(plain(p, kShared) - plain(p, kEachItsOwn)), 1e-3);
}

TEST(Contrastive, UniclWithEveryClassItsOwnIsClip) {
  const Pairs p;
  const at::Tensor images = unit(p.images), texts = unit(p.texts);
  EXPECT_NEAR(unicl_loss(images, texts, p.log_scale, kEachItsOwn).item<double>(),
      clip_loss(images, texts, p.log_scale).item<double>(), 1e-12);
}

TEST(Contrastive, GradientsAreThoseOfFiniteDifferences) {
  Pairs p;
  const std::vector<at::Tensor> leaves{p.images, p.texts, p.log_scale};
  expect_gradient(leaves, [&] { return clip_loss(unit(p.images), unit(p.texts), p.log_scale); });
  expect_gradient(leaves, [&] { return unicl_loss(unit(p.images), unit(p.texts), p.log_scale, kShared); });
}

TEST(Contrastive, ACaptionMatchesItselfAlone) {
  const std::vector<int64_t> classes = unicl_classes(std::vector<int64_t>{0, 5, 0, 5, 2});
  for (size_t i = 0; i < classes.size(); ++i)
    for (size_t k = i + 1; k < classes.size(); ++k)
      EXPECT_EQ(classes[i] == classes[k], i == 1 && k == 3) << i << " and " << k;
  EXPECT_NE(error_of([] { unicl_classes(std::vector<int64_t>{1, -1}); }).find("-1"), std::string::npos);
}

}  // namespace
}  // namespace hilum
