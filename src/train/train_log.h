// The log of a run: one JSON object a line in train.jsonl, and the loss curve drawn from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/json.h"

namespace hilum {

struct LogLine {
  std::string stage;
  int64_t step = 0;      // 1-based within the stage
  uint64_t samples = 0;  // over the run
  double loss = 0, gradient_norm = 0, learning_rate = 0, samples_per_s = 0, tokens_per_s = 0, minutes = 0;
  std::map<std::string, double> parts;  // the objective's own, a mean per unit
};

// Appends a line to <output>/train.jsonl.
void append_log(const std::filesystem::path& output, const Json& line);

class TrainLog {
 public:
  // Appends to <output>/train.jsonl. On resume lines later than the checkpoint are dropped, so that each step stands
  // once.
  TrainLog(const std::filesystem::path& output, uint64_t keep_samples);

  void write(const LogLine& line);
  // The end of an epoch: its mean loss, and a JSON object of validation metrics (empty: none).
  void write_epoch(int64_t epoch, double loss, const std::string& validation, uint64_t samples);
  void write_event(const std::string& event, const std::string& detail);
  // Draws <output>/loss_<stage>.png from the log.
  void draw(const std::string& stage, const std::string& unit) const;

 private:
  std::filesystem::path output_;
};

}  // namespace hilum
