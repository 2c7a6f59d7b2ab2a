// Losses that draw matching images and texts together and others apart. B pairs, E embedding width; rows of images and
// texts are unit vectors. `log_scale`, a scalar, is the model's logit_scale: cosines are multiplied by its exponential.
// Any float type; each is a scalar in the autograd graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

namespace hilum {

// CLIP (Radford et al. 2021, figure 3): each image's own text is right among the step's texts, each text's own image
// among its images; the mean of both cross-entropies. images, texts [B, E].
at::Tensor clip_loss(const at::Tensor& images, const at::Tensor& texts, const at::Tensor& log_scale);

// UniCL (Yang et al. 2022, equations 2 to 4): all pairs of a class are right for each other. With P(i) the pairs of i's
// class, the mean over i of -1/|P(i)| times the sum over k in P(i) of the log-probability of text k for image i among
// all texts; the same with the roles exchanged; the mean of the two. `classes` [B], as unicl_classes() gives them.
at::Tensor unicl_loss(
    const at::Tensor& images, const at::Tensor& texts, const at::Tensor& log_scale, std::span<const int64_t> classes);

// The classes of a step's pairs by their labels: a label above 0 is a class; 0 is a caption, which matches itself alone
// and so gets a class that no other pair of the step has. Throws Error for a label below 0.
std::vector<int64_t> unicl_classes(std::span<const int64_t> labels);

}  // namespace hilum
