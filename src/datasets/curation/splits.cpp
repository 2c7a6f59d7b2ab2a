#include "datasets/curation/splits.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "base/ascii.h"
#include "base/error.h"
#include "base/rng.h"
#include "data/csv.h"
#include "datasets/collector.h"
#include "datasets/report_sections.h"
#include "datasets/sentences.h"

namespace hilum {
namespace {

// FNV-1a: the same on every machine.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

std::string whole_text(const Study& study) {
  std::string text = findings_text(study) + " " + study.impression + " " + study.report.value_or("");
  return lower_ascii(single_spaced(text));
}

}  // namespace

const std::string& patient_of(const Study& study) {
  return study.patient_id.empty() ? study.study_id : study.patient_id;
}

void split_by_patient(std::vector<SourceStudy>& studies, double train, double validate, double test, uint64_t seed) {
  check(train >= 0 && validate >= 0 && test >= 0 && std::abs(train + validate + test - 1) < 1e-6, "--split",
      "the shares do not add to 1", "Write three, as in 0.8,0.1,0.1.");
  for (SourceStudy& s : studies) {
    const double at = Rng(seed, hash_of(patient_of(s.study))).uniform();
    s.study.split = at < train ? "train" : at < train + validate ? "validate" : "test";
  }
}

void draw_test(std::vector<SourceStudy>& studies, size_t count, uint64_t seed) {
  check(count <= studies.size(), "--test-draw",
      "asks for " + std::to_string(count) + " of " + std::to_string(studies.size()) + " studies", "Ask for fewer.");
  std::vector<size_t> order(studies.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return studies[a].study.study_id < studies[b].study.study_id;
  });  // the draw does not depend on the file's order
  Rng rng(seed, 0x7e57);
  for (size_t i = 0; i < count; ++i) std::swap(order[i], order[i + rng.below(static_cast<uint32_t>(order.size() - i))]);
  std::unordered_set<std::string> patients;
  for (size_t i = 0; i < count; ++i) patients.insert(patient_of(studies[order[i]].study));
  for (SourceStudy& s : studies)
    if (patients.contains(patient_of(s.study))) s.study.split = "held_out";
  for (size_t i = 0; i < count; ++i) studies[order[i]].study.split = "test";
}

std::vector<Leak> leaks_between(const std::vector<Study>& a, const std::vector<Study>& b) {
  std::unordered_map<std::string, const Study*> ids, patients, images, texts;
  for (const Study& study : b) {
    ids.emplace(study.study_id, &study);
    if (!study.patient_id.empty()) patients.emplace(study.patient_id, &study);
    for (const StudyImage& image : study.images) images.emplace(image.path.lexically_normal().generic_string(), &study);
    if (const std::string text = whole_text(study); count_words(text) >= 8) texts.emplace(text, &study);
  }
  std::vector<Leak> leaks;
  const auto look = [&](const auto& table, const std::string& key, const char* kind, const Study& here,
                        const std::string& shown) {
    if (const auto found = table.find(key); found != table.end())
      leaks.push_back({kind, shown, here.study_id, found->second->study_id, here.split + " / " + found->second->split});
  };
  for (const Study& study : a) {
    look(ids, study.study_id, "study_id", study, study.study_id);
    if (!study.patient_id.empty()) look(patients, study.patient_id, "patient_id", study, study.patient_id);
    for (const StudyImage& image : study.images) {
      const std::string path = image.path.lexically_normal().generic_string();
      look(images, path, "image", study, path);
    }
    if (const std::string text = whole_text(study); count_words(text) >= 8)
      look(texts, text, "text", study, study.study_id);
  }
  return leaks;
}

std::vector<Leak> leaks_within(const std::vector<Study>& studies) {
  std::vector<Leak> leaks;
  std::unordered_map<std::string, const Study*> patients, images;
  const auto look = [&](auto& table, const std::string& key, const char* kind, const Study& here) {
    const auto [found, is_new] = table.emplace(key, &here);
    const Study& there = *found->second;
    if (!is_new && !here.split.empty() && !there.split.empty() && here.split != there.split &&
        !(here.split == "held_out" || there.split == "held_out"))
      leaks.push_back({kind, key, here.study_id, there.study_id, here.split + " / " + there.split});
  };
  for (const Study& study : studies) {
    if (!study.patient_id.empty()) look(patients, study.patient_id, "patient_id", study);
    for (const StudyImage& image : study.images)
      if (!image.view.starts_with("prior"))
        look(images, image.path.lexically_normal().generic_string(), "image", study);
  }
  return leaks;
}

std::string leaks_csv(const std::vector<Leak>& leaks) {
  std::string out = "kind,shared,here,there,splits\n";
  for (const Leak& leak : leaks)
    out += leak.kind + "," + csv_field(leak.shared) + "," + csv_field(leak.here) + "," + csv_field(leak.there) + "," +
           csv_field(leak.splits) + "\n";
  return out;
}

}  // namespace hilum
