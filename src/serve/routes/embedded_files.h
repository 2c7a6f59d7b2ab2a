// Files that travel inside the binary: the description of the routes, and the viewer.
#pragma once

#include <string_view>
#include <vector>

namespace hilum {

std::string_view openapi_file();  // src/serve/wire/openapi.json

struct ViewerFile {
  std::string_view name, content;  // "viewer.css"
};
const std::vector<ViewerFile>& viewer_files();

}  // namespace hilum
