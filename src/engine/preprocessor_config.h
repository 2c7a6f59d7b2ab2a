// A preset's steps and a checkpoint's own preprocessing file -> the preprocessing that runs.
#pragma once

#include <filesystem>
#include <string>

#include "image/preprocess.h"
#include "models/files/preset.h"

namespace hilum {

// Steps and order are the preset's, or those of its mode `mode` ("azure"). Sizes, resampling, factor, mean and std are
// those of preprocessor_config.json (Hugging Face form) or, of mean and std, of open_clip_config.json's preprocess_cfg,
// where the folder has them; else the preset's; a size given by neither is the encoder's, image_px x image_px of
// `channels` channels, which the result must fill. Throws Error naming file and field: missing, of another type, out of
// range, or a picture of another size than the encoder's.
PreprocessConfig read_preprocess_config(const std::filesystem::path& folder, const Preset& preset, int image_px,
    int channels, const std::string& mode = "");

}  // namespace hilum
