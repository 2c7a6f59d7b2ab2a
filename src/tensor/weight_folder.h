// Where a folder keeps its weights, and where the files that describe them stand.
#pragma once

#include <filesystem>
#include <vector>

namespace hilum {

// The weight file or shard index of `path`. A file is taken as it is. A folder is looked through for, in this order:
//   model.safetensors.index.json, model.safetensors, open_clip_model.safetensors, pytorch_model.bin.index.json,
//   pytorch_model.bin, open_clip_pytorch_model.bin, weights.th; then the one file in it that holds weights (by content;
//   .safetensors .bin .pt .pth .th); the same in vision_model/ and checkpoints/vision_model/ (MedImageInsight); in an
//   MLflow package (a file MLmodel stands in it) the same in the folder nearest to its top that holds weights, at most
//   6 levels down.
// Throws Error naming what was looked for, or several candidates that nothing tells apart.
std::filesystem::path find_weights(const std::filesystem::path& path);

// True where find_weights finds something; several candidates count. False for a folder of a config alone, for any
// other file.
bool holds_weight_files(const std::filesystem::path& path);

// Every stand-alone weight file and every index of shards in a folder and in the folders directly below it, sorted;
// shards (by their names,
// "-00001-of-00003") are left to their index.
std::vector<std::filesystem::path> weight_sets(const std::filesystem::path& folder);

// The folder whose config, tokenizer and preprocessing files belong to the weights of `path`: `path` itself when it is
// no MLflow package; of a package the nearest folder from the weights upwards that holds a config (config.json,
// open_clip_config.json, config.yaml, hilum.toml), never above the package, else the weights' own folder. A file's is
// the folder it stands in.
std::filesystem::path model_folder(const std::filesystem::path& path);

}  // namespace hilum
