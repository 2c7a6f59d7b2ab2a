#include "engine/predictions.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace hilum {

PredictionsFile::PredictionsFile(
    fs::path path, std::vector<std::string> ids, bool resume, std::string key, const std::string& weights_sha256)
    : path_(std::move(path)), key_(std::move(key)), ids_(std::move(ids)), lines_(ids_.size()) {
  std::map<std::string, size_t> seen;
  for (size_t row = 0; row < ids_.size(); ++row) {
    const auto [first, fresh] = seen.emplace(ids_[row], row);
    if (!fresh)
      throw Error(key_ == "study_id" ? "studies" : "inputs",
          key_ + " \"" + ids_[row] + "\" stands in rows " + std::to_string(first->second + 1) + " and " +
              std::to_string(row + 1),
          key_ == "study_id" ? "Give each study an id of its own." : "Name each once.");
  }
  if (path_.empty()) {
    check(!resume, "--resume", "needs a predictions file to go on with", "Name it with -o FILE.");
    return;
  }
  part_ = path_;
  part_ += ".part";
  if (resume) {
    take_over(path_, weights_sha256);
    take_over(part_, weights_sha256);
  } else if (fs::exists(part_)) {
    throw Error(part_.string(), "an earlier run stopped half way and left its rows here",
        "Go on with it by --resume, or remove the file.");
  }
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path());
  // What was kept is written whole before the journal is added to, so nothing of the earlier run can be lost.
  std::string kept;
  for (const std::string& line : lines_)
    if (!line.empty()) kept += line + "\n";
  write_file(part_, kept);
  journal_ = std::fopen(part_.c_str(), "ab");
  if (!journal_) throw Error(part_.string(), "cannot be written", "Check the folder and its permissions.");
}

PredictionsFile::~PredictionsFile() {
  if (journal_) std::fclose(journal_);
}

void PredictionsFile::take_over(const fs::path& file, const std::string& weights_sha256) {
  if (!fs::exists(file)) return;
  std::map<std::string, size_t> row_of;
  for (size_t row = 0; row < ids_.size(); ++row) row_of[ids_[row]] = row;
  const std::string text = read_file(file, size_t{1} << 36);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) break;  // a line cut short by the stop
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    if (!parsed.is_object() || !parsed.contains(key_) || !parsed[key_].is_string() || parsed.contains("error"))
      continue;
    const auto row = row_of.find(parsed[key_].get<std::string>());
    if (row == row_of.end() || !lines_[row->second].empty()) continue;
    const auto model = parsed.find("model");
    if (model != parsed.end() && model->is_object() && model->value("weights_sha256", weights_sha256) != weights_sha256)
      throw Error(file.string(),
          key_ + " \"" + row->first + "\" was done by another model, " + model->value("name", "?") + " (weights " +
              model->value("weights_sha256", "").substr(0, 12) + ")",
          "Name that model with --model, or write to another file.");
    lines_[row->second] = line;
    ++kept_;
  }
}

void PredictionsFile::put(size_t row, const std::string& line) {
  lines_[row] = line;
  std::FILE* out = journal_ ? journal_ : stdout;
  if (std::fputs((line + "\n").c_str(), out) < 0 || std::fflush(out) != 0)
    throw Error(journal_ ? part_.string() : "stdout", "could not be written", "Is the disk full?");
}

void PredictionsFile::finish() {
  if (!journal_) return;
  std::string all;
  for (const std::string& line : lines_)
    if (!line.empty()) all += line + "\n";
  finish_as(all);
}

void PredictionsFile::finish_as(const std::string& bytes) {
  invariant(journal_, "rows that went to a file");
  std::fclose(journal_);
  journal_ = nullptr;
  write_file(path_, bytes);
  fs::remove(part_);
}

}  // namespace hilum
