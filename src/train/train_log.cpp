#include "train/train_log.h"

#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "plot/line_plot.h"

namespace hilum {
namespace {

double rounded(double value, double to) { return std::isfinite(value) ? std::round(value / to) * to : value; }

}  // namespace

void append_log(const fs::path& output, const Json& line) {
  const fs::path path = output / "train.jsonl";
  std::ofstream file(path, std::ios::app);
  file << line.dump() << '\n';
  if (!file.flush()) throw Error(path.string(), "could not be written", "Is the disk full?");
}

TrainLog::TrainLog(const fs::path& output, uint64_t keep_samples) : output_(output) {
  const fs::path path = output_ / "train.jsonl";
  std::string kept;
  if (fs::exists(path)) {
    const std::string written = read_file(path);
    for (const std::string_view line : split_lines(written))
      if (const Json json = parse_json(line, path.string()); json.value("samples", uint64_t{0}) <= keep_samples)
        kept.append(line) += '\n';
  }
  write_file(path, kept);
}

void TrainLog::write(const LogLine& line) {
  Json json = {{"stage", line.stage}, {"step", line.step}, {"samples", line.samples}, {"loss", line.loss},
      {"gradient_norm", line.gradient_norm}, {"learning_rate", line.learning_rate},
      {"samples_per_s", rounded(line.samples_per_s, 0.01)}, {"tokens_per_s", rounded(line.tokens_per_s, 0.1)},
      {"minutes", rounded(line.minutes, 0.001)}};
  for (const auto& [name, value] : line.parts) json[name] = value;
  append_log(output_, json);
}

void TrainLog::write_epoch(int64_t epoch, double loss, const std::string& validation, uint64_t samples) {
  Json json = {{"epoch", epoch}, {"loss", loss}};
  if (!validation.empty()) json["validate"] = parse_json(validation, "validation");
  json["samples"] = samples;
  append_log(output_, json);
}

void TrainLog::write_event(const std::string& event, const std::string& detail) {
  append_log(output_, Json{{"event", event}, {"detail", detail}});
}

void TrainLog::draw(const std::string& stage, const std::string& unit) const {
  PlotLine loss{.name = "each logged step"};
  const std::string written = read_file(output_ / "train.jsonl");
  for (const std::string_view line : split_lines(written)) {
    const Json json = parse_json(line, "train.jsonl");
    if (json.value("stage", "") != stage) continue;
    loss.x.push_back(json["step"].get<double>());
    loss.y.push_back(json["loss"].is_number() ? json["loss"].get<double>() : NAN);
  }
  if (loss.x.size() < 2) return;
  LinePlot plot{.title = "Training loss, stage \"" + stage + "\"", .x_label = "step", .y_label = unit, .log_y = true};
  PlotLine mean{.name = "running mean of 20", .x = loss.x, .y = smoothed(loss.y, 20)};
  plot.lines = {std::move(loss), std::move(mean)};
  write_line_plot(plot, output_ / ("loss_" + stage + ".png"));
}

}  // namespace hilum
