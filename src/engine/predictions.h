// The rows file of a run over many studies or images: one JSON object a line, in row order, named by its key
// ("study_id", "input"), or
// {"study_id","error"}. A row's "model" says what made it: {"name","weights_sha256"} and what else a row has there.
#pragma once

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hilum {

// Rows go to FILE.part as they are done, and to FILE, in row order, when all are: a run that is cut short keeps its
// rows, and FILE is never half written. With resume, rows of FILE and FILE.part that hold a result are kept; rows with
// an error are tried again.
class PredictionsFile {
 public:
  // An empty path writes each row to stdout at once. `ids` are the rows' values of `key`. With resume, a kept row of
  // another model than the one of these weights is an Error.
  PredictionsFile(std::filesystem::path path, std::vector<std::string> ids, bool resume, std::string key,
      const std::string& weights_sha256);
  ~PredictionsFile();
  PredictionsFile(const PredictionsFile&) = delete;
  PredictionsFile& operator=(const PredictionsFile&) = delete;

  bool done(size_t row) const { return !lines_[row].empty(); }
  int kept() const { return kept_; }                                // rows taken over from the earlier run
  void put(size_t row, const std::string& line);                    // one line of JSON without its newline
  const std::vector<std::string>& lines() const { return lines_; }  // empty: not done
  void finish();                                                    // writes FILE, removes FILE.part
  void finish_as(const std::string& bytes);  // the same with other bytes than the lines', made from them

 private:
  void take_over(const std::filesystem::path& file, const std::string& weights_sha256);

  std::filesystem::path path_, part_;
  std::string key_;
  std::vector<std::string> ids_, lines_;
  std::FILE* journal_ = nullptr;
  int kept_ = 0;
};

}  // namespace hilum
