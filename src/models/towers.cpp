// The table of tower kinds: one line each.
#include <algorithm>

#include "base/error.h"
#include "models/language/bert.h"
#include "models/language/text_transformer.h"
#include "models/vision/davit.h"
#include "models/vision/swin.h"
#include "models/vision/vit_tower.h"
#include "nn/tower.h"

namespace hilum {
namespace {

template <typename Tower>
struct Kind {
  const char* name;
  std::unique_ptr<Tower> (*make)(const TowerSource& source);
};

constexpr Kind<ImageTower> kImageTowers[] = {
    {"davit", make_davit},                  // MedImageInsight
    {"timm_vit", make_timm_vit},            // BiomedCLIP
    {"swin", make_swin},                    // MedCLIP
    {"dinov2", make_dinov2},                // RAD-DINO
    {"open_clip_vit", make_open_clip_vit},  // CXR-LLaVA
};
constexpr Kind<TextTower> kTextTowers[] = {
    {"clip_text", make_text_transformer},  // MedImageInsight, CLIP
    {"bert", make_bert},                   // BiomedCLIP, MedCLIP
};

template <typename Tower, size_t n>
std::unique_ptr<Tower> make(
    const Kind<Tower> (&kinds)[n], const char* which, const std::string& kind, const TowerSource& source) {
  std::string known;
  for (const Kind<Tower>& one : kinds) {
    if (kind == one.name) return one.make(source);
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  throw Error(source.where, std::string(which) + " tower \"" + kind + "\" is not known", "Known are " + known + ".");
}

template <typename Tower, size_t n>
std::vector<std::string> names(const Kind<Tower> (&kinds)[n]) {
  std::vector<std::string> all;
  for (const Kind<Tower>& one : kinds) all.push_back(one.name);
  return all;
}

}  // namespace

std::unique_ptr<ImageTower> make_image_tower(const std::string& kind, const TowerSource& source) {
  return make(kImageTowers, "image", kind, source);
}
std::unique_ptr<TextTower> make_text_tower(const std::string& kind, const TowerSource& source) {
  return make(kTextTowers, "text", kind, source);
}
std::vector<std::string> image_tower_kinds() { return names(kImageTowers); }
std::vector<std::string> text_tower_kinds() { return names(kTextTowers); }

TextBatch TextBatch::of(std::span<const std::vector<int32_t>> texts) {
  TextBatch batch;
  for (size_t i = 0; i < texts.size(); ++i) {
    check(!texts[i].empty(), "text", "text " + std::to_string(i) + " has no tokens");
    for (size_t p = 0; p < texts[i].size(); ++p) {
      batch.ids.push_back(texts[i][p]);
      batch.rows.slot.push_back(static_cast<int32_t>(i));
      batch.rows.position.push_back(static_cast<int32_t>(p));
    }
  }
  return batch;
}

std::vector<int32_t> TextBatch::begins() const {
  std::vector<int32_t> at;
  for (size_t i = 0; i < rows.slot.size(); ++i)
    if (i == 0 || rows.slot[i] != rows.slot[i - 1]) at.push_back(static_cast<int32_t>(i));
  at.push_back(static_cast<int32_t>(rows.slot.size()));
  return at;
}

}  // namespace hilum
