// The two halves of an embedding system as its user sees them: images -> one vector each, texts -> one vector each,
// before any projection. A tower is built from a kind's name and the sizes its preset or config.json gives; towers.cpp
// holds the table of kinds. N images or texts, C channels, R rows (tokens of all texts), D tower width.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "ops/ops.h"

namespace hilum {

// A tensor published files hold and no forward uses.
struct UnusedTensor {
  std::string name;
  Shape shape;
  DType dtype = DType::kF32;
};

// Token ids of several texts, one text after another. Nothing is padded, so an embedding never depends on its
// neighbours.
struct TextBatch {
  std::vector<int32_t> ids;  // [R]
  RaggedBatch rows;          // [R] slot: which text; position: place in it, from 0

  int64_t count() const { return rows.slot.empty() ? 0 : int64_t{rows.slot.back()} + 1; }  // N
  static TextBatch of(std::span<const std::vector<int32_t>> texts);  // throws Error for an empty text
  // Row where each text begins, and one past the last: [N + 1]
  std::vector<int32_t> begins() const;
};

class ImageTower {
 public:
  virtual ~ImageTower() = default;
  // pixels [N, channels(), h, w] of the backend, preprocessed -> pooled [N, width()]. Throws Error for a picture of a
  // size it does not take. Tags "block.<i>" and the like on the way; the pooled result is tagged "image_pooled" by the
  // caller.
  virtual Tensor forward(Ops& ops, const Tensor& pixels) const = 0;
  virtual void params(ParamList& list) = 0;  // in the order of the published file
  virtual std::vector<UnusedTensor> unused_tensors() const { return {}; }
  virtual int64_t width() const = 0;  // D
  virtual int channels() const = 0;
  virtual int image_px() const = 0;         // side of the picture the preset prepares
  virtual std::string summary() const = 0;  // "davit, widths 256-512-1024-2048, ..." for `hilum info`
};

class TextTower {
 public:
  virtual ~TextTower() = default;
  // -> pooled [N, width()]. Throws Error for an id outside the vocabulary and a text longer than context().
  // Tags begin with "text_" ("text_block.<i>"); the pooled result is tagged "text_pooled" by the caller.
  virtual Tensor forward(Ops& ops, const TextBatch& texts) const = 0;
  virtual void params(ParamList& list) = 0;
  virtual std::vector<UnusedTensor> unused_tensors() const { return {}; }
  virtual int64_t width() const = 0;  // D
  virtual int64_t vocab() const = 0;
  virtual int64_t context() const = 0;  // positions it has
  virtual std::string summary() const = 0;
};

// What a tower is built from.
struct TowerSource {
  const Json&
      config;  // sizes, in the words of the kind's published config; absent keys take its reference class's defaults
  std::string pooling;  // the preset's word ("mean", "class", "end", ...); the kind refuses those it does not have
  std::string prefix;   // begins every parameter's name: "image." or "text."
  std::string where;    // names the config in errors
};

// By kind. Throws Error naming the known kinds, or what the config lacks.
std::unique_ptr<ImageTower> make_image_tower(const std::string& kind, const TowerSource& source);
std::unique_ptr<TextTower> make_text_tower(const std::string& kind, const TowerSource& source);
std::vector<std::string> image_tower_kinds();
std::vector<std::string> text_tower_kinds();

}  // namespace hilum
