#include "datasets/readers/coco.h"

#include <unordered_map>

#include "base/error.h"
#include "base/json.h"
#include "datasets/json_row.h"

namespace hilum {

CocoFile read_coco(const std::filesystem::path& file, const std::string& expected, Collector& out) {
  const Json all = read_json_file(file);
  check(all.is_object() && all.contains("images") && all.contains("annotations") && all["images"].is_array() &&
            all["annotations"].is_array(),
      file.c_str(), "has no lists 'images' and 'annotations'", expected);
  CocoFile coco;
  std::unordered_map<std::string, size_t> images;
  std::unordered_map<std::string, std::string> categories;
  for (const Json& image : all["images"]) {
    const auto number = [&](const char* key) {
      return image.is_object() && image.contains(key) ? json_number(image[key]) : std::nullopt;
    };
    images[json_text(image, "id")] = coco.images.size();
    coco.images.push_back({json_text(image, "id"), json_text(image, "file_name"), json_text(image, "path"),
        json_text(image, "split"), number("width"), number("height")});
  }
  if (all.contains("categories") && all["categories"].is_array())
    for (const Json& c : all["categories"]) categories[json_text(c, "id")] = json_text(c, "name");
  size_t row = 0;
  for (const Json& a : all["annotations"]) {
    ++row;
    const auto image = images.find(json_text(a, "image_id"));
    const bool boxed = a.is_object() && a.contains("bbox") && a["bbox"].is_array() && a["bbox"].size() == 4;
    if (image == images.end() || !boxed) {
      out.left_out(
          file, row, json_text(a, "image_id"), "the annotation has no image of the list or no bbox of four numbers");
      continue;
    }
    const Json& box = a["bbox"];
    coco.boxes.push_back(
        {row, &coco.images[image->second], categories[json_text(a, "category_id")], json_text(a, "label_text"),
            json_number(box[0]), json_number(box[1]), json_number(box[2]), json_number(box[3])});
  }
  return coco;
}

}  // namespace hilum
