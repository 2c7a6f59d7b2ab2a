// What `hilum report`, `hilum ground` and others share: one study to text, JSON or a picture, or many to a predictions
// file.
#pragma once

#include "base/progress.h"
#include "cli/options.h"
#include "engine/answer/write_report.h"
#include "engine/batch/run_jobs.h"
#include "engine/predictions.h"
#include "engine/study_request.h"

namespace hilum {

// The option's text, or the file's it names with @.
std::optional<std::string> section(const OptionValues& options, const char* name);
ReportOptions report_options(const OptionValues& options, const Preset& preset, const std::string& task);
BackendConfig backend_config(const OptionValues& options);

// How many studies go through the model together (--batch, or by memory), `rows` of them.
RunConfig run_config(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how, size_t rows);

// --verbose: on stderr, how long the start took; and at the end what memory was needed. `cache_bytes` of keys and
// values, `positions` of them in use.
void log_ready(const OptionValues& options, const Model& model);
void log_memory(const OptionValues& options, const Model& model, uint64_t cache_bytes, int64_t positions);

// Writes one study's result (--format, -o, --overlay). Returns the exit code.
int run_single(const OptionValues& options, const Model& model, const StudyRequest& request, const ReportOptions& how,
    const std::vector<Finding>* truth = nullptr);
bool is_many(const std::filesystem::path& input);  // a folder or a manifest

// A run over many studies: one JSON line each in row order (-o, --resume), a bar, {"study_id","error"} for a row that
// fails. The work calls put() or fail() for each of rows(), in order; the exit code is done()'s.
class StudyRows {
 public:
  StudyRows(
      const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests, const char* what);
  const std::vector<size_t>& rows() const { return left_; }  // those that no earlier run has done
  const std::string& weights_sha256() const { return weights_sha256_; }
  void put(size_t row, const std::string& line);
  void fail(size_t row, const Error& error);
  int done();

 private:
  const std::vector<StudyRequest>& requests_;
  std::string weights_sha256_;
  PredictionsFile file_;
  Progress progress_;
  std::vector<size_t> left_;
  size_t failed_ = 0;
};

// Writes a predictions file, in row order, several studies at work together; a row that fails becomes
// {"study_id","error"} and the exit code 3.
int run_many(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how);

}  // namespace hilum
