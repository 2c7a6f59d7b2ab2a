// Distance of a model's outputs and tagged intermediates to a reference dump (one safetensors file, see the README of
// testdata/models).
#pragma once

#include <string>
#include <vector>

#include "models/dual_encoder.h"
#include "models/vlm.h"
#include "tensor/safetensors.h"

namespace hilum {

struct CompareRow {
  std::string name;  // of the dump: "logits", "tag.layer_out.3"
  Shape shape;
  double max_abs = 0;  // greatest absolute difference
  double rel_l2 = 0;   // |ours - reference| / |reference|, Euclidean; infinite where a value is not finite
  double cosine = 0;
};

// Equal counts; shapes may group rows differently. Both host, any float dtype. Throws Error(name, ...) when the counts
// differ.
CompareRow compare_values(const std::string& name, const Tensor& ours, const Tensor& reference);

// Runs what the dump has inputs for: pixel_values [N, C, H, W] -> encoder and projector; input_ids [T] -> logits of
// every row. One row for each expected tensor, in the dump's order. labels, loss and grad.* belong to training and are
// left out. Throws Error for a dump without inputs, and for a name this model does not give, listing those it does.
std::vector<CompareRow> compare_to_dump(Ops& ops, const Vlm& model, const SafetensorsFile& dump);

// The texts of a dump's input_ids [M, T], or [T] of one, and attention_mask of the same shape (absent: no padding).
TextBatch texts_of(const SafetensorsFile& dump);

// For an embedding system: pixel_values [N, C, h, w] -> image_embeds [N, E]; texts_of(dump) -> text_embeds [M, E] (both
// also by the names image_embedding and text_embedding); of both logits_per_image [N, M]. Tags of texts hold the rows
// of real tokens, text by text.
std::vector<CompareRow> compare_to_dump(Ops& ops, const DualEncoder& model, const SafetensorsFile& dump);

}  // namespace hilum
