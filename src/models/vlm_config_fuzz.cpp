// config.json: read, and the model it describes declared where it is small.
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/vlm_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hilum;
  try {
    const Json config = parse_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    static const Preset preset = preset_for("/nowhere", parse_json(R"({"model_type":"maira2"})", "fuzz"));
    const VlmConfig made = vlm_config_from_json(config, preset, "fuzz");
    if (made.vision.vit.depth + made.language.depth + made.projector.num_layers > 100) return 0;
    Vlm model(made);
    ParamList params;
    model.params(params);
  } catch (const Error&) {
  }
  return 0;
}
