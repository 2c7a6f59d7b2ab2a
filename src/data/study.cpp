#include "data/study.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace hilum {

const std::vector<std::string> kChexpertLabels = {"No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly",
    "Lung Lesion", "Lung Opacity", "Edema", "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax",
    "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices"};

namespace {

// A value and the way to it, for errors: "studies.jsonl:3" and "findings[1].boxes".
struct Field {
  const Json& json;
  const std::string& where;
  std::string name;

  [[noreturn]] void fail(const std::string& what, const std::string& mend = "") const {
    throw Error(where, "field '" + name + "' " + what, mend);
  }
  Field at(const char* key) const { return {json.at(key), where, name.empty() ? key : name + "." + key}; }
  Field at(size_t i) const { return {json.at(i), where, name + "[" + std::to_string(i) + "]"}; }
  // The member if it is there and not null.
  const Json* find(const char* key) const {
    const auto found = json.find(key);
    return found == json.end() || found->is_null() ? nullptr : &*found;
  }
  std::string text() const {
    if (!json.is_string()) fail(std::string("is ") + json.type_name() + ", not a string", "Write it in quotes.");
    return json.get<std::string>();
  }
  double number() const {
    if (!json.is_number()) fail(std::string("is ") + json.type_name() + ", not a number");
    const double value = json.get<double>();
    if (!std::isfinite(value)) fail("is not finite");
    return value;
  }
  int whole(int low, int high) const {
    if (!json.is_number_integer()) fail(std::string("is ") + json.type_name() + ", not a whole number");
    if (json.is_number_unsigned() ? json.get<uint64_t>() > static_cast<uint64_t>(std::max(high, 0))
                                  : json.get<int64_t>() < low || json.get<int64_t>() > high)
      fail("is out of range", "Values from " + std::to_string(low) + " to " + std::to_string(high) + " are accepted.");
    return json.get<int>();
  }
  void need_array() const {
    if (!json.is_array()) fail(std::string("is ") + json.type_name() + ", not an array");
  }
  void need_object() const {
    if (!json.is_object()) fail(std::string("is ") + json.type_name() + ", not an object");
  }
};

std::string text_or_empty(const Field& from, const char* key) {
  return from.find(key) ? from.at(key).text() : std::string();
}
std::optional<std::string> text_or_none(const Field& from, const char* key) {
  return from.find(key) ? std::optional(from.at(key).text()) : std::nullopt;
}

BoxNorm parse_box(const Field& field) {
  field.need_array();
  if (field.json.size() != 4)
    field.fail("has " + std::to_string(field.json.size()) + " numbers, not 4", "A box is [x_min,y_min,x_max,y_max].");
  double v[4];
  for (size_t i = 0; i < 4; ++i) {
    v[i] = field.at(i).number();
    if (v[i] < 0 || v[i] > 1)
      field.fail("has the value " + field.json[i].dump() + " outside 0..1",
          "Divide pixels by the width and height of the original frontal image.");
  }
  if (v[0] > v[2] || v[1] > v[3])
    field.fail("has its minimum beyond its maximum", "A box is [x_min,y_min,x_max,y_max].");
  return {v[0], v[1], v[2], v[3]};
}

Finding parse_finding(const Field& field) {
  field.need_object();
  if (!field.find("text")) field.fail("lacks 'text'");
  Finding finding;
  finding.text = field.at("text").text();
  if (field.find("boxes")) {
    const Field boxes = field.at("boxes");
    boxes.need_array();
    std::vector<BoxNorm> parsed;
    for (size_t i = 0; i < boxes.json.size(); ++i) parsed.push_back(parse_box(boxes.at(i)));
    if (!parsed.empty()) finding.boxes = std::move(parsed);
  }
  return finding;
}

StudyImage parse_image(const Field& field) {
  field.need_object();
  if (!field.find("path")) field.fail("lacks 'path'");
  StudyImage image;
  const std::string path = field.at("path").text();
  if (path.empty() || path.find('\0') != std::string::npos) field.at("path").fail("is no file name");
  image.path = path;
  if (field.find("view")) image.view = field.at("view").text();
  for (const char* known : {"frontal", "lateral", "prior_frontal", "prior_lateral", "other"})
    if (image.view == known) return image;
  field.at("view").fail("is '" + image.view + "'", "Views are frontal, lateral, prior_frontal, prior_lateral, other.");
}

Dialogue parse_dialogue(const Field& field) {
  field.need_array();
  Dialogue dialogue;
  for (size_t i = 0; i < field.json.size(); ++i) {
    const Field turn = field.at(i);
    turn.need_object();
    if (!turn.find("question") || !turn.find("answer")) turn.fail("lacks 'question' or 'answer'");
    dialogue.turns.push_back({turn.at("question").text(), turn.at("answer").text()});
  }
  return dialogue;
}

void parse_labels(const Field& field, Study& study) {
  field.need_object();
  for (const auto& [name, value] : field.json.items()) {
    const Field label{value, field.where, field.name + "." + name};
    if (std::find(kChexpertLabels.begin(), kChexpertLabels.end(), name) == kChexpertLabels.end())
      label.fail("is not one of the 14 CheXpert labels", "A data set's own classes go to 'classes'.");
    if (!value.is_null()) study.labels[name] = label.whole(-1, 1);
  }
}

}  // namespace

Study study_from_json(const std::string& line, const std::string& where) {
  const Json json = parse_json(line, where);
  const Field root{json, where, ""};
  if (!json.is_object())
    throw Error(where, std::string("the line is ") + json.type_name() + ", not an object",
        "Each line holds one study as {...}.");
  Study study;
  if (!root.find("study_id")) throw Error(where, "field 'study_id' is missing");
  study.study_id = root.at("study_id").text();
  if (study.study_id.empty()) root.at("study_id").fail("is empty");
  study.patient_id = text_or_empty(root, "patient_id");
  study.split = text_or_empty(root, "split");
  study.sex = text_or_empty(root, "sex");
  if (root.find("age_months")) study.age_months = root.at("age_months").whole(0, 2400);
  if (root.find("images")) {
    const Field images = root.at("images");
    images.need_array();
    for (size_t i = 0; i < images.json.size(); ++i) study.images.push_back(parse_image(images.at(i)));
  }
  study.indication = text_or_none(root, "indication");
  study.technique = text_or_none(root, "technique");
  study.comparison = text_or_none(root, "comparison");
  study.prior_report = text_or_none(root, "prior_report");
  if (root.find("findings")) {
    const Field findings = root.at("findings");
    findings.need_array();
    for (size_t i = 0; i < findings.json.size(); ++i) study.findings.push_back(parse_finding(findings.at(i)));
  }
  study.impression = text_or_empty(root, "impression");
  if (root.find("labels")) parse_labels(root.at("labels"), study);
  if (root.find("classes")) {
    const Field classes = root.at("classes");
    classes.need_object();
    study.class_set = text_or_empty(classes, "set");
    if (classes.find("names")) {
      const Field names = classes.at("names");
      names.need_array();
      for (size_t i = 0; i < names.json.size(); ++i) study.classes.push_back(names.at(i).text());
    }
  }
  if (root.find("targets")) {
    const Field targets = root.at("targets");
    targets.need_object();
    for (const auto& [name, value] : targets.json.items())
      study.targets[name] = Field{value, where, "targets." + name}.number();
  }
  if (root.find("dialogues")) {
    const Field dialogues = root.at("dialogues");
    dialogues.need_array();
    for (size_t i = 0; i < dialogues.json.size(); ++i) study.dialogues.push_back(parse_dialogue(dialogues.at(i)));
  }
  study.report = text_or_none(root, "report");
  if (study.images.empty() && study.findings.empty() && !study.report && study.impression.empty() &&
      study.dialogues.empty())
    throw Error(where, "has neither 'images' nor a text ('findings', 'impression', 'report' or 'dialogues')",
        "A study needs one of them.");
  return study;
}

std::vector<Study> read_studies(const std::filesystem::path& manifest) {
  const std::string text = read_file(manifest);
  std::vector<Study> studies;
  size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (is_blank(line, " \t\r")) continue;
    studies.push_back(study_from_json(std::string(line), manifest.string() + ":" + std::to_string(number)));
    for (StudyImage& image : studies.back().images)
      if (image.path.is_relative()) image.path = manifest.parent_path() / image.path;
  }
  check(!studies.empty(), manifest.c_str(), "holds no studies", "One JSON object a line is expected.");
  return studies;
}

std::string study_to_json(const Study& study) {
  Json json;
  const auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  const auto maybe = [&](const char* key, const std::optional<std::string>& value) {
    if (value) json[key] = *value;
  };
  json["study_id"] = study.study_id;
  text("patient_id", study.patient_id);
  text("split", study.split);
  text("sex", study.sex);
  if (study.age_months) json["age_months"] = *study.age_months;
  for (const StudyImage& image : study.images)
    json["images"].push_back({{"path", image.path.generic_string()}, {"view", image.view}});
  maybe("indication", study.indication);
  maybe("technique", study.technique);
  maybe("comparison", study.comparison);
  maybe("prior_report", study.prior_report);
  for (const Finding& finding : study.findings) {
    Json entry{{"text", finding.text}, {"boxes", nullptr}};
    if (finding.boxes) {
      entry["boxes"] = Json::array();
      for (const BoxNorm& b : *finding.boxes)
        entry["boxes"].push_back(Json::array({b.x_min, b.y_min, b.x_max, b.y_max}));
    }
    json["findings"].push_back(std::move(entry));
  }
  text("impression", study.impression);
  for (const std::string& name : kChexpertLabels)
    if (const auto label = study.labels.find(name); label != study.labels.end()) json["labels"][name] = label->second;
  if (!study.class_set.empty() || !study.classes.empty())
    json["classes"] = {{"set", study.class_set}, {"names", study.classes}};
  for (const auto& [name, value] : study.targets) json["targets"][name] = value;
  for (const Dialogue& dialogue : study.dialogues) {
    Json turns = Json::array();
    for (const Dialogue::Turn& turn : dialogue.turns)
      turns.push_back({{"question", turn.question}, {"answer", turn.answer}});
    json["dialogues"].push_back(std::move(turns));
  }
  maybe("report", study.report);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hilum
