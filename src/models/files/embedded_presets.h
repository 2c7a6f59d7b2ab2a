// The files of src/models/presets/ and src/models/shapes/ as they stand in the binary.
#pragma once

#include <string_view>
#include <vector>

namespace hilum {

struct EmbeddedPreset {
  std::string_view name, toml;
};
const std::vector<EmbeddedPreset>& embedded_presets();
const std::vector<EmbeddedPreset>& embedded_shapes();

}  // namespace hilum
