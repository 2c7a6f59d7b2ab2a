// A checkpoint's preprocessor_config.json (Hugging Face form) and its preset's steps -> the preprocessing that runs.
#pragma once

#include <filesystem>

#include "image/preprocess.h"
#include "models/preset.h"

namespace hilum {

// Steps and order are the preset's; sizes, resampling, mean and std the file's. The result must fill the encoder's picture.
// Throws Error naming file and field: missing, of another type, out of range, or a crop of another size than the encoder's picture.
PreprocessConfig read_preprocess_config(const std::filesystem::path& folder, const Preset& preset, int image_px, int channels);

}  // namespace hilum
