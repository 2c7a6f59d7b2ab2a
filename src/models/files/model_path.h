// The one check of what --model names, before anything is looked for in it.
#pragma once

#include <filesystem>

namespace hilum {

// Throws Error for a path that is not there (and says of one that reads like a hub's id that nothing is fetched) and
// for a file that is a picture, a document or a web page.
void check_model_path(const std::filesystem::path& path);

}  // namespace hilum
