#include "datasets/readers/picture_index.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/ascii.h"

namespace hilum {

namespace fs = std::filesystem;

fs::path folder_of(const Collector& out) {
  return fs::is_regular_file(out.root()) ? out.root().parent_path() : out.root();
}

PictureIndex::PictureIndex(const fs::path& folder) {
  static constexpr std::array<std::string_view, 5> kEndings = {".dcm", ".dicom", ".png", ".jpg", ".jpeg"};
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
      at != end && !error; at.increment(error)) {
    const auto ending = std::find(kEndings.begin(), kEndings.end(), lower_ascii(at->path().extension().string()));
    std::error_code none;
    if (ending == kEndings.end() || !at->is_regular_file(none)) continue;
    const Place place{static_cast<size_t>(ending - kEndings.begin()), at->path()};
    const auto [found, is_new] = places_.try_emplace(at->path().stem().string(), place);
    if (!is_new && std::tie(place.rank, place.path) < std::tie(found->second.rank, found->second.path))
      found->second = place;
  }
}

fs::path PictureIndex::find(const std::string& name, const fs::path& otherwise) const {
  const auto found = places_.find(name);
  return found == places_.end() ? otherwise : found->second.path;
}

}  // namespace hilum
