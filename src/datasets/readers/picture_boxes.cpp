#include "datasets/readers/picture_boxes.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "image/decode.h"
#include "image/dicom_head.h"

namespace hilum {
namespace {

constexpr double kSlack = 2;  // px that tools which draw boxes round by

unsigned byte_at(std::span<const std::byte> b, size_t i) { return std::to_integer<unsigned>(b[i]); }
unsigned big16(std::span<const std::byte> b, size_t i) { return byte_at(b, i) << 8 | byte_at(b, i + 1); }
unsigned little16(std::span<const std::byte> b, size_t i) { return byte_at(b, i + 1) << 8 | byte_at(b, i); }
uint64_t little32(std::span<const std::byte> b, size_t i) {
  return little16(b, i) | uint64_t{little16(b, i + 2)} << 16;
}

std::optional<PictureSize> png_size(std::span<const std::byte> b) {
  if (b.size() < 24 || byte_at(b, 0) != 0x89 || byte_at(b, 1) != 'P' || byte_at(b, 12) != 'I') return std::nullopt;
  return PictureSize{
      static_cast<int>(big16(b, 16) << 16 | big16(b, 18)), static_cast<int>(big16(b, 20) << 16 | big16(b, 22))};
}

std::optional<PictureSize> jpeg_size(std::span<const std::byte> b) {
  if (b.size() < 4 || big16(b, 0) != 0xffd8) return std::nullopt;
  for (size_t at = 2; at + 9 <= b.size() && byte_at(b, at) == 0xff;) {
    const unsigned marker = byte_at(b, at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
      return PictureSize{static_cast<int>(big16(b, at + 7)), static_cast<int>(big16(b, at + 5))};
    at += 2 + big16(b, at + 2);
  }
  return std::nullopt;
}

// Rows and Columns by a walk through the elements before them; no value where a sequence of unknown length is in the
// way.
std::optional<PictureSize> dicom_size(std::span<const std::byte> b, const std::string& where) {
  const DicomHead head = read_dicom_head(b, where);
  const bool implicit = head.transfer_syntax == "1.2.840.10008.1.2";
  if (head.transfer_syntax.empty() || head.transfer_syntax == "1.2.840.10008.1.2.2" ||
      head.transfer_syntax == "1.2.840.10008.1.2.1.99")
    return std::nullopt;
  PictureSize size;
  for (uint64_t at = head.data_set; at + 8 <= b.size();) {
    const unsigned group = little16(b, at), element = little16(b, at + 2);
    uint64_t value = at + 8, length = 0;
    if (implicit) {
      length = little32(b, at + 4);
    } else {
      const std::string vr{static_cast<char>(byte_at(b, at + 4)), static_cast<char>(byte_at(b, at + 5))};
      constexpr std::string_view kLong = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
      if (kLong.find(vr) == std::string_view::npos) {
        length = little16(b, at + 6);
      } else {
        if (at + 12 > b.size()) return std::nullopt;
        length = little32(b, at + 8);
        value = at + 12;
      }
    }
    if (length == 0xffffffff || group > 0x28 || value + length > b.size()) return std::nullopt;
    if (group == 0x28 && element == 0x10 && length == 2) size.height = static_cast<int>(little16(b, value));
    if (group == 0x28 && element == 0x11 && length == 2) size.width = static_cast<int>(little16(b, value));
    if (size.width && size.height) return size;
    at = value + length;
  }
  return std::nullopt;
}

}  // namespace

PictureSize picture_size(const std::filesystem::path& path) {
  const MappedFile file(path);
  if (const auto size = png_size(file.bytes())) return *size;
  if (const auto size = jpeg_size(file.bytes())) return *size;
  if (is_dicom_file(path))
    if (const auto size = dicom_size(file.bytes(), path.string())) return *size;
  const DecodedImage image = decode_image(file.bytes(), path.string());
  return {image.pixels.width, image.pixels.height};
}

bool reaches_beyond(const PixelBox& b, PictureSize frame) {
  return b.x_min < -kSlack || b.y_min < -kSlack || b.x_max > frame.width + kSlack || b.y_max > frame.height + kSlack;
}

std::vector<NamedBox> boxes_in_frame(const std::vector<PixelBox>& boxes, PictureSize frame, const std::string& remedy,
    const std::filesystem::path& file, const std::string& study_id, Collector& out) {
  std::vector<NamedBox> kept;
  std::string why;
  const bool sized = frame.width > 0 && frame.height > 0;
  const auto beyond =
      std::find_if(boxes.begin(), boxes.end(), [&](const PixelBox& b) { return sized && reaches_beyond(b, frame); });
  if (beyond != boxes.end()) {
    box_of_pixels(beyond->x_min, beyond->y_min, beyond->x_max, beyond->y_max, frame, why);
    out.remark(file, beyond->row, study_id,
        fmt::format("{}: the boxes lie in a frame of another size, and none of the {} of this picture is kept{}", why,
            boxes.size(), remedy.empty() ? "" : ". " + remedy));
    out.count("boxes in another frame", static_cast<int64_t>(boxes.size()));
    return kept;
  }
  for (const PixelBox& b : boxes)
    if (const auto box = box_of_pixels(b.x_min, b.y_min, b.x_max, b.y_max, frame, why)) {
      kept.push_back({b.name, *box});
      out.count("boxes");
    } else {
      out.remark(file, b.row, study_id, why + "; the box is left away");
    }
  return kept;
}

std::vector<NamedBox> FixedFrame::boxes(
    const std::vector<PixelBox>& boxes, const Study& study, const std::filesystem::path& file, Collector& out) {
  for (const PixelBox& b : boxes) {
    x_max_ = std::max(x_max_, b.x_max);
    y_max_ = std::max(y_max_, b.y_max);
  }
  if (picture_.width == 0 && !boxes.empty() && !study.images.empty() && fs::exists(study.images[0].path)) try {
      picture_ = picture_size(study.images[0].path);
    } catch (const Error&) {  // it is listed where it is used
    }
  return boxes_in_frame(boxes, frame_, "", file, study.study_id, out);
}

void FixedFrame::finish(const std::filesystem::path& file, Collector& out) const {
  if (picture_.width == 0) return;
  const std::string sizes =
      fmt::format("the boxes are read as pixels of {} x {}, and the pictures at hand have {} x {}", frame_.width,
          frame_.height, picture_.width, picture_.height);
  if (picture_.width < frame_.width && x_max_ <= picture_.width && y_max_ <= picture_.height)
    out.remark(file, 0, "", sizes + ", within which all boxes lie: were the boxes scaled too?");
  else if (std::abs(std::log(double(picture_.width) * frame_.height / (double(picture_.height) * frame_.width))) > 0.02)
    out.remark(file, 0, "", sizes + ", another shape: were they cut or padded?");
}

std::optional<BoxNorm> box_of_pixels(
    double x_min, double y_min, double x_max, double y_max, PictureSize size, std::string& why) {
  const double w = size.width, h = size.height;
  if (w <= 0 || h <= 0) {
    why = "the picture's size is not known";
    return std::nullopt;
  }
  if (!(x_min < x_max) || !(y_min < y_max)) {
    why = fmt::format("the box [{}, {}, {}, {}] px has no area", x_min, y_min, x_max, y_max);
    return std::nullopt;
  }
  if (x_min < -kSlack || y_min < -kSlack || x_max > w + kSlack || y_max > h + kSlack) {
    why = fmt::format("the box [{}, {}, {}, {}] px reaches beyond the picture of {} x {} px", x_min, y_min, x_max,
        y_max, size.width, size.height);
    return std::nullopt;
  }
  return BoxNorm{std::clamp(x_min / w, 0.0, 1.0), std::clamp(y_min / h, 0.0, 1.0), std::clamp(x_max / w, 0.0, 1.0),
      std::clamp(y_max / h, 0.0, 1.0)};
}

void add_box(Study& study, const std::string& text, const BoxNorm& box) {
  for (Finding& finding : study.findings)
    if (finding.text == text) {
      if (!finding.boxes) finding.boxes.emplace();
      finding.boxes->push_back(box);
      return;
    }
  study.findings.push_back({.text = text, .boxes = std::vector{box}});
}

double overlap(const BoxNorm& a, const BoxNorm& b) {
  const double w = std::min(a.x_max, b.x_max) - std::max(a.x_min, b.x_min),
               h = std::min(a.y_max, b.y_max) - std::max(a.y_min, b.y_min);
  if (w <= 0 || h <= 0) return 0;
  return w * h / ((a.x_max - a.x_min) * (a.y_max - a.y_min) + (b.x_max - b.x_min) * (b.y_max - b.y_min) - w * h);
}

std::vector<BoxNorm> fuse_boxes(const std::vector<BoxNorm>& boxes, double at_least) {
  struct Group {
    BoxNorm mean;
    double count = 0;
  };
  std::vector<Group> groups;
  for (const BoxNorm& box : boxes) {
    const auto found =
        std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return overlap(g.mean, box) >= at_least; });
    if (found == groups.end()) {
      groups.push_back({box, 1});
      continue;
    }
    BoxNorm& m = found->mean;
    const double n = found->count++;
    m = {(m.x_min * n + box.x_min) / (n + 1), (m.y_min * n + box.y_min) / (n + 1), (m.x_max * n + box.x_max) / (n + 1),
        (m.y_max * n + box.y_max) / (n + 1)};
  }
  std::vector<BoxNorm> fused;
  for (const Group& group : groups) fused.push_back(group.mean);
  return fused;
}

}  // namespace hilum
