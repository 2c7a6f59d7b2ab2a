// Whatever a file of JSON or of keyed lines holds, its reader gives studies with unique names or an Error. The first
// byte says whose file it is.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/read_dataset.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  namespace fs = std::filesystem;
  static const fs::path kRoot = fs::temp_directory_path() / ("dataset_files_fuzz_" + std::to_string(getpid()));
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  static constexpr const char* kReaders[] = {"fastchat", "xraygpt", "tbx11k", "ms-cxr", "medimageinsight"};
  static constexpr const char* kFiles[] = {"x.json", "filter_cap.json", "annotations/json/TBX11K_train.json",
      "MS_CXR_Local_Alignment_v1.0.0.json", "text.tsv"};
  const size_t which = data[0] % std::size(kReaders);
  const fs::path root = kRoot / kReaders[which];
  try {
    hilum::write_file(root / kFiles[which], bytes);
    if (which == 4) {  // the pictures' lines, with keys as the texts have them
      std::string pictures;
      for (size_t at = 0; at < bytes.size();) {
        const size_t end = std::min(bytes.find('\n', at), bytes.size());
        const std::string_view line = bytes.substr(at, end - at);
        pictures += std::string(line.substr(0, line.find('\t'))) + "\tiVBORw0KGgo=\n";
        at = end + 1;
      }
      hilum::write_file(root / "images.tsv", pictures);
    }
    const hilum::Dataset set =
        hilum::read_dataset(kReaders[which], root, {.keep_missing_images = true, .unpack_to = kRoot / "out"});
    std::set<std::string> ids;
    for (const hilum::SourceStudy& s : set.studies)
      if (!ids.insert(s.study.study_id).second) std::abort();
    hilum::problems_csv(set.problems);
  } catch (const hilum::Error&) {
  }
  return 0;
}
