#include "eval/compare/compare_metrics.h"

#include <limits>

namespace hilum {

std::vector<Metric> compare_metrics(const MetricInput& input) {
  std::vector<Metric> metrics;
  add_label_metrics(metrics, input);
  add_box_metrics(metrics, input);
  add_radfact_metrics(metrics, input);
  add_graph_metrics(metrics, input);
  add_text_metrics(metrics, input);
  add_form_metrics(metrics, input);
  return metrics;
}

Metric mean_metric(std::string group, std::string name, PerReport<double> values) {
  return {
      std::move(group), std::move(name), [values = std::move(values)](size_t system, std::span<const uint32_t> which) {
        double sum = 0;
        int64_t count = 0;
        for (const uint32_t i : which)
          if (const double value = values[system][i]; value == value) {
            sum += value;
            ++count;
          }
        return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
      }};
}

}  // namespace hilum
