#include "data/phantom_truth.h"

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace hilum {
namespace {

StudyTruth truth_from_json(const Json& row) {
  StudyTruth truth;
  truth.study_id = row.at("study_id").get<std::string>();
  truth.has_prior = row.at("has_prior").get<bool>();
  truth.has_lateral = row.at("has_lateral").get<bool>();
  for (const Json& entry : row.at("findings")) {
    TruthFinding f;
    f.kind = entry.at("kind").get<std::string>();
    f.label = entry.at("label").get<std::string>();
    f.side = entry.at("side").get<std::string>();
    f.change = entry.at("change").get<std::string>();
    f.contrast_to_noise = entry.at("contrast_to_noise").get<double>();
    f.subtle = entry.at("subtle").get<bool>();
    f.lateral_only = entry.at("lateral_only").get<bool>();
    for (const Json& box : entry.at("boxes"))
      f.boxes.push_back(
          {box.at(0).get<double>(), box.at(1).get<double>(), box.at(2).get<double>(), box.at(3).get<double>()});
    truth.findings.push_back(std::move(f));
  }
  return truth;
}

}  // namespace

std::string truth_to_json(const StudyTruth& truth) {
  Json json{{"study_id", truth.study_id}, {"has_prior", truth.has_prior}, {"has_lateral", truth.has_lateral},
      {"findings", Json::array()}};
  for (const TruthFinding& f : truth.findings) {
    Json boxes = Json::array();
    for (const BoxNorm& b : f.boxes) boxes.push_back(Json::array({b.x_min, b.y_min, b.x_max, b.y_max}));
    json["findings"].push_back(
        {{"kind", f.kind}, {"label", f.label}, {"side", f.side}, {"change", f.change}, {"boxes", std::move(boxes)},
            {"contrast_to_noise", f.contrast_to_noise}, {"subtle", f.subtle}, {"lateral_only", f.lateral_only}});
  }
  return json.dump();
}

std::vector<StudyTruth> read_truth(const std::filesystem::path& path) {
  std::vector<StudyTruth> all;
  const std::string text = read_file(path);
  size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (is_blank(line, " \r")) continue;
    const std::string where = path.string() + ": line " + std::to_string(number);
    const Json row = parse_json(line, where);
    try {
      all.push_back(truth_from_json(row));
    } catch (const Json::exception& e) {
      throw Error(where, std::string("is no line of a phantom's truth: ") + e.what(),
          "Name the truth.jsonl that `hilum phantom` writes.");
    }
  }
  check(!all.empty(), path.c_str(), "holds no study", "Name the truth.jsonl that `hilum phantom` writes.");
  return all;
}

}  // namespace hilum
