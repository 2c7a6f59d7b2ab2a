// The sizes of towers as a config.json gives them: read for every embedding preset, and the system declared and its
// shapes run where it is small.
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/dual_encoder_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hilum;
  static const char* const kTowers[] = {"davit", "timm_vit", "swin", "dinov2", "open_clip_vit"};
  if (size < 1) return 0;
  try {
    const Json config = parse_json({reinterpret_cast<const char*>(data) + 1, size - 1}, "fuzz");
    const bool is_text = data[0] & 1;
    const std::string kind = is_text ? ((data[0] >> 1) & 1 ? "bert" : "clip_text") : kTowers[(data[0] >> 1) % 5];
    for (const char* pooling : {"mean", "class", "end"}) {
      const TowerSource source{.config = config, .pooling = pooling, .prefix = "tower.", .where = "fuzz"};
      try {
        ParamList params;
        if (is_text) make_text_tower(kind, source)->params(params);
        else make_image_tower(kind, source)->params(params);
      } catch (const Error&) {
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
