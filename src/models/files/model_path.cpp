#include "models/files/model_path.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/file_kind.h"

namespace hilum {
namespace {

namespace fs = std::filesystem;

// "owner/name", as hubs name their models, and no folder "owner" here that a path could have meant.
bool is_hub_id(const fs::path& path) {
  const std::string text = path.string();
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
  };
  std::error_code ignored;
  return std::count(text.begin(), text.end(), '/') == 1 && text.front() != '/' && text.front() != '.' &&
         text.back() != '/' && std::all_of(text.begin(), text.end(), is_name) &&
         !fs::exists(path.parent_path(), ignored);
}

}  // namespace

void check_model_path(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    if (is_hub_id(path))
      throw Error(path.string(), "no such folder; models are not fetched from a hub by their id",
          "Download the model's files with the hub's own client, and name the folder they are in.");
    throw Error(path.string(), "no such file or folder", "Name the folder a model is in; check the path.");
  }
  if (!fs::is_regular_file(path, ignored)) return;
  std::string head(4096, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(in.gcount()));
  for (const char* kind : {"a PNG picture", "a JPEG picture", "a DICOM file", "a PDF", "a web page"})
    if (kind_of_file(head) == kind)
      throw Error(path.string(), std::string("is ") + kind + ", not a model",
          "Name the folder a model is in with --model; images are given without it.");
}

}  // namespace hilum
