// What /metrics says (Prometheus text form, version 0.0.4). Labels name models, routes and codes, never anything of a
// patient.
#pragma once

#include <memory>
#include <string>

#include "engine/batch/model_worker.h"
#include "serve/http/http.h"

namespace hilum {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void request(const RequestRecord& record);
  std::unique_ptr<WorkerObserver> observer(const std::string& model);  // this must outlive it
  void embedded(const std::string& model, int64_t pictures, int64_t texts, double seconds);
  void refused_connection();
  std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hilum
