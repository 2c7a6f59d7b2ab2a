#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/progress.h"
#include "datasets/curation/curation_files.h"
#include "image/decode.h"
#include "image/encode.h"
#include "image/grey.h"

namespace hilum {
namespace {

// Pillow's ImageOps.equalize: step = (pixels - pixels of the brightest level) / 255; level v becomes (step / 2 + pixels
// below v) / step.
void equalise(Image& image) {
  std::array<int64_t, 256> histogram{};
  for (const uint8_t v : image.data8) ++histogram[v];
  int64_t levels = 0, brightest = 0;
  for (const int64_t count : histogram)
    if (count) {
      ++levels;
      brightest = count;
    }
  const int64_t step = (static_cast<int64_t>(image.data8.size()) - brightest) / 255;
  if (levels <= 1 || step == 0) return;
  std::array<uint8_t, 256> to{};
  int64_t n = step / 2;
  for (size_t v = 0; v < 256; ++v) {
    to[v] = static_cast<uint8_t>(std::min<int64_t>(n / step, 255));
    n += histogram[v];
  }
  for (uint8_t& v : image.data8) v = to[v];
}

}  // namespace

void equalise_pictures(
    std::vector<SourceStudy>& studies, const std::filesystem::path& folder, std::vector<DatasetProblem>& problems) {
  Progress progress("equalise", static_cast<int64_t>(studies.size()), "studies");
  int64_t done = 0;
  std::filesystem::create_directories(folder / "images");
  for (SourceStudy& s : studies) {
    progress.update(done++);
    for (size_t i = 0; i < s.study.images.size(); ++i) {
      StudyImage& image = s.study.images[i];
      try {
        std::string step;
        Image grey = to_8_bit(to_grey(decode_image_file(image.path).pixels), step);
        equalise(grey);
        // names of different folders may be alike, those of a study and its pictures are not
        std::string name = s.study.study_id + "_" + std::to_string(i) + ".png";
        for (char& c : name) c = c == '/' ? '_' : c;
        write_png(folder / "images" / name, grey);
        image.path = folder / "images" / name;
      } catch (const Error& e) {
        problems.push_back({image.path.filename().string(), 0, s.study.study_id, true,
            "the picture is not equalised: " + e.problem()});
      }
    }
  }
}

}  // namespace hilum
