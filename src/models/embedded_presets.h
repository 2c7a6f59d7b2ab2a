// The preset files of src/models/presets/ as they stand in the binary.
#pragma once

#include <string_view>
#include <vector>

namespace hilum {

struct EmbeddedPreset {
  std::string_view name, toml;
};
const std::vector<EmbeddedPreset>& embedded_presets();

}  // namespace hilum
