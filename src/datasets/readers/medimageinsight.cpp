// MedImageInsight's tuning form: images...tsv (key, tab, base64 of a JPEG or PNG) and text...tsv beside it (key, tab,
// JSON), whose lines belong together one by one; a label file (label...txt, a text a line). The JSON is {"class_id",
// "class_name", "source", "task"}, or {"captions": text or list}, or {"tags": list}. The two names of a pair differ in
// "image" and "text" alone; "train", "val" or "eval", "test" in them say the split. Pictures are written out as files.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"
#include "base/file_kind.h"
#include "base/json.h"
#include "datasets/json_row.h"
#include "datasets/readers/class_numbers.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"
#include "datasets/report_sections.h"

namespace hilum {
namespace {

struct TsvPair {
  fs::path images, texts;
  std::string split;
};

std::string split_of(const std::string& name) {
  for (const auto& [word, split] : {std::pair{"train", "train"}, {"val", "validate"}, {"test", "test"}})
    if (name.find(word) != std::string::npos) return split;
  return "";
}

// "images-0.tsv" and "text-0.tsv", "train_image.tsv" and "train_text.tsv".
std::vector<TsvPair> pairs_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tsv") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<TsvPair> pairs;
  for (const fs::path& file : files) {
    const std::string name = file.filename().string(), small = lower_ascii(name);
    const size_t at = small.find("image");
    if (at == std::string::npos) continue;
    const size_t length = small.substr(at, 6) == "images" ? 6 : 5;
    for (const char* word : {"text", "texts"}) {
      const fs::path texts = folder / (name.substr(0, at) + word + name.substr(at + length));
      if (!fs::is_regular_file(texts)) continue;
      pairs.push_back({file, texts, split_of(small)});
      break;
    }
  }
  return pairs;
}

// Lines of "key TAB value" of a mapped file, one after the other.
class KeyedLines {
 public:
  explicit KeyedLines(const fs::path& path) : file_(path), text_(as_text(file_.bytes())) {}
  bool next() {
    if (at_ >= text_.size() || is_blank(text_.substr(at_))) return false;
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t tab = std::min(line.find('\t'), line.size());
    key_ = line.substr(0, tab);
    value_ = line.substr(std::min(tab + 1, line.size()));
    return true;
  }
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  size_t number() const { return number_; }
  std::string where() const { return file_.path().string() + ":" + std::to_string(number_); }

 private:
  MappedFile file_;
  std::string_view text_, key_, value_;
  size_t at_ = 0, number_ = 0;
};

// The texts of a row: a caption is one, several are alternatives of which training draws one.
std::vector<std::string> texts_of(const Json& row, const char* key) {
  std::vector<std::string> texts;
  const auto add = [&](const Json& value) {
    if (value.is_string())
      if (auto text = section_text(value.get<std::string>())) texts.push_back(*text);
  };
  if (!row.contains(key)) return texts;
  if (row[key].is_array())
    for (const Json& value : row[key]) add(value);
  else add(row[key]);
  return texts;
}

// The class of a row that has one.
struct ClassRow {
  std::string source, name;
  int64_t id = 0;
};
std::optional<ClassRow> class_of(const Json& row) {
  if (!row.contains("class_id") || !row["class_id"].is_number_integer()) return std::nullopt;
  ClassRow out{json_text(row, "source"), json_text(row, "class_name"), row["class_id"].get<int64_t>()};
  if (out.name.empty() || out.id < 0 || out.id > 1'000'000) return std::nullopt;
  return out;
}

std::optional<Json> row_json(std::string_view text) {
  try {
    Json row = parse_json(text, "");
    if (row.is_object()) return row;
  } catch (const Error&) {  // the caller lists the line
  }
  return std::nullopt;
}

// First pass: the classes of every source, over all pairs, so that each class has one number in all of them.
ClassNumbers numbers_of(const std::vector<TsvPair>& pairs) {
  ClassNumbers numbers;
  for (const TsvPair& pair : pairs)
    for (KeyedLines line(pair.texts); line.next();)
      if (const auto row = row_json(line.value()))
        if (const auto c = class_of(*row)) numbers.add(c->source, c->id, c->name);
  return numbers;
}

// Writes a picture as a file named by its row and key; empty where it is none.
fs::path unpack(std::string_view base64, const std::string& pair, size_t row, const std::string& key,
    const Collector& out, std::string& why) {
  std::string bytes;
  try {
    bytes = base64_decode_strict(base64, key);
  } catch (const Error& e) {
    why = "the picture " + e.problem();
    return {};
  }
  const std::string_view kind = kind_of_file(bytes);
  const char* ending = kind == "a JPEG picture" ? ".jpg" : kind == "a PNG picture" ? ".png" : nullptr;
  if (!ending) {
    why = "the picture is no JPEG or PNG";
    return {};
  }
  std::string name = key.substr(0, 80);
  for (char& c : name)
    if (!is_ascii_alnum(c) && c != '-' && c != '_') c = '_';
  const fs::path file = out.options().unpack_to / fmt::format("{}_{:07}_{}{}", pair, row, name, ending);
  write_file(file, bytes);
  return file;
}

void read_row(const TsvPair& pair, const KeyedLines& text, std::string_view picture, const ClassNumbers& numbers,
    Collector& out) {
  const size_t number = text.number();
  Study study;
  study.study_id = text.key();
  study.split = pair.split;
  const auto row = row_json(text.value());
  if (!row) return out.left_out(pair.texts, number, study.study_id, "the text is no JSON object");
  const std::vector<std::string> captions = texts_of(*row, "captions"), tags = texts_of(*row, "tags");
  if (const auto c = class_of(*row)) {
    if (numbers.name(c->source, c->id) != c->name)
      return out.left_out(pair.texts, number, study.study_id, "class_id has another class_name in an earlier row");
    study.class_set = c->source.empty() ? "medimageinsight" : c->source;
    if (out.add_label(study, c->name, pair.texts, number))
      study.targets["class_number"] = static_cast<double>(numbers.number(c->source, c->id));
  } else if (!captions.empty()) {
    study.report = captions[0];
    if (captions.size() > 1) {
      out.count("captions beyond the first of an image", static_cast<int64_t>(captions.size()) - 1);
      out.remark(pair.texts, number, study.study_id,
          fmt::format("has {} captions; a study has one report, and it is the first", captions.size()));
    }
  } else if (!tags.empty()) {
    study.class_set = json_text(*row, "source").empty() ? "tags" : json_text(*row, "source");
    for (const std::string& tag : tags) out.add_label(study, tag, pair.texts, number);
  } else {
    return out.left_out(pair.texts, number, study.study_id,
        "the text has neither class_id (a whole number) with class_name, nor captions, nor tags");
  }
  std::string why;
  const fs::path file = unpack(picture, pair.images.stem().string(), number, study.study_id, out, why);
  if (file.empty()) return out.left_out(pair.images, number, study.study_id, why);
  out.add_image(study, {file}, "frontal", pair.images, number);
  out.add(std::move(study), pair.texts, number);
}

// The label file is what training is asked with; a class that it does not hold is said.
void check_label_file(const fs::path& folder, const ClassNumbers& numbers, Collector& out) {
  for (const char* name : {"labels.txt", "label.txt", "label_file.txt"}) {
    const fs::path file = folder / name;
    if (!fs::is_regular_file(file)) continue;
    std::set<std::string> labels;
    for (std::string& line : split_list(read_file(file), '\n')) labels.insert(lower_ascii(line));
    for (const std::string& c : numbers.names())
      if (!labels.contains(lower_ascii(c)))
        out.remark(file, 0, "", "no line is the class '" + c + "'; the classes' names come from the text file");
    return;
  }
}

}  // namespace

void read_medimageinsight(Collector& out) {
  const fs::path folder = folder_of(out);
  const std::vector<TsvPair> pairs = pairs_in(folder);
  check(!pairs.empty(), out.root().c_str(), "holds no pair of images...tsv and text...tsv",
      "The two names differ in 'image' (or 'images') and 'text' alone: images-0.tsv, text-0.tsv.");
  check(!out.options().unpack_to.empty(), out.root().c_str(), "holds its pictures in tables",
      "Name the folder that they are written to.");
  const ClassNumbers numbers = numbers_of(pairs);
  for (const TsvPair& pair : pairs) {
    KeyedLines images(pair.images), texts(pair.texts);
    while (true) {
      const bool image = images.next(), text = texts.next();
      if (!image && !text) break;
      if (image != text)
        throw Error((text ? texts : images).where(),
            fmt::format("has no line beside it in {}", (text ? pair.images : pair.texts).filename().string()),
            "Line by line the two files hold the same keys.");
      if (images.key() != texts.key())
        throw Error(texts.where(),
            fmt::format(
                "has the key '{}', and {} has '{}' there", texts.key(), pair.images.filename().string(), images.key()),
            "Line by line the two files hold the same keys.");
      out.count(pair.texts.filename().string() + " rows");
      if (texts.key().empty()) out.left_out(pair.texts, texts.number(), "", "the key is empty");
      else read_row(pair, texts, images.value(), numbers, out);
    }
  }
  check_label_file(folder, numbers, out);
}

}  // namespace hilum
