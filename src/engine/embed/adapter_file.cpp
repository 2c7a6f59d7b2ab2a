#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/embed/adapter.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

constexpr const char* kAdapterSchema = "hilum.adapter/1";
const char* const kKinds[] = {"linear", "mlp", "knn"};
const char* const kOutputs[] = {"independent", "exclusive", "value"};

template <size_t N>
size_t index_of(const char* const (&names)[N], const std::string& name, const std::string& where) {
  for (size_t i = 0; i < N; ++i)
    if (name == names[i]) return i;
  throw Error(where, "\"" + name + "\" is not known", "Train the adapter again.");
}

class Reader {
 public:
  explicit Reader(const fs::path& path) : where_(path.string()), file_(path) {}

  Adapter read() {
    if (text("schema") != kAdapterSchema) fail("is no adapter");
    Adapter a;
    a.kind = static_cast<Adapter::Kind>(index_of(kKinds, text("kind"), where_ + ": kind"));
    a.output = static_cast<Adapter::Output>(index_of(kOutputs, text("output"), where_ + ": output"));
    a.model = text("model");
    a.weights_sha256 = text("weights_sha256");
    read_labels(a);
    if (a.kind == Adapter::Kind::kKnn) read_neighbours(a);
    else read_layers(a);
    return a;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_, what, "Give a file that `hilum train recipes/adapter-*.toml` wrote.");
  }
  std::string text(const char* key) const {
    const auto found = file_.metadata().find(key);
    return found == file_.metadata().end() ? "" : found->second;
  }
  Tensor matrix(const std::string& name, int rank) const {
    Tensor values = to_f32(file_.tensor(name));
    if (values.shape().rank() != rank || values.shape().count() == 0)
      fail(name + " has shape " + values.shape().text());
    return values;
  }
  void read_labels(Adapter& a) const {
    const Json labels = parse_json(text("labels"), where_ + ": labels");
    std::set<std::string> seen;
    for (const Json& label : labels.is_array() ? labels : Json::array()) {
      if (!label.is_string() || !seen.insert(label.get<std::string>()).second)
        fail("has labels that are no list of different texts");
      a.labels.push_back(label.get<std::string>());
    }
    if (a.labels.empty()) fail("names no labels");
  }
  void read_neighbours(Adapter& a) const {
    const Tensor vectors = matrix("vectors", 2), targets = matrix("targets", 2);
    if (vectors.dim(0) != targets.dim(0) || targets.dim(1) != static_cast<int64_t>(a.labels.size()))
      fail("has vectors and targets that do not fit its labels");
    a.vectors.assign(vectors.values().begin(), vectors.values().end());
    a.targets.assign(targets.values().begin(), targets.values().end());
    const std::string count = text("neighbours");
    a.neighbours = static_cast<int>(std::strtol(count.c_str(), nullptr, 10));
    if (a.neighbours < 1 || a.neighbours > vectors.dim(0))
      fail("asks " + count + " neighbours of " + std::to_string(vectors.dim(0)) + " vectors");
    a.weighted = text("weighting") == "distance";
  }
  void read_layers(Adapter& a) const {
    for (int i = 0; file_.find("layers." + std::to_string(i) + ".weight"); ++i) {
      const std::string name = "layers." + std::to_string(i);
      a.layers.push_back({matrix(name + ".weight", 2), matrix(name + ".bias", 1)});
      const Adapter::Layer& layer = a.layers.back();
      if (layer.bias.dim(0) != layer.weight.dim(0) ||
          (i > 0 && layer.weight.dim(1) != a.layers[static_cast<size_t>(i) - 1].weight.dim(0)))
        fail(name + " does not fit the layer before it or its bias");
    }
    if (a.layers.empty() || (a.kind == Adapter::Kind::kLinear && a.layers.size() != 1))
      fail("has " + std::to_string(a.layers.size()) + " layers");
    if (a.layers.back().weight.dim(0) != static_cast<int64_t>(a.labels.size()))
      fail("gives " + std::to_string(a.layers.back().weight.dim(0)) + " scores for " + std::to_string(a.labels.size()) +
           " labels");
    const Tensor mean = matrix("mean", 1), scale = matrix("scale", 1);
    if (mean.dim(0) != a.width() || scale.dim(0) != a.width()) fail("has a mean or scale that is not of its width");
    a.mean.assign(mean.values().begin(), mean.values().end());
    a.scale.assign(scale.values().begin(), scale.values().end());
    if (std::any_of(a.scale.begin(), a.scale.end(), [](float s) { return !(s > 0); }))
      fail("has a scale that is not positive");
  }

  std::string where_;
  SafetensorsFile file_;
};

}  // namespace

Adapter load_adapter(const fs::path& path) {
  return Reader(fs::is_directory(path) ? path / kAdapterFile : path).read();
}

void save_adapter(const fs::path& path, const Adapter& a) {
  std::map<std::string, std::string> metadata{{"schema", kAdapterSchema}, {"kind", kKinds[static_cast<int>(a.kind)]},
      {"output", kOutputs[static_cast<int>(a.output)]}, {"labels", Json(a.labels).dump()}, {"model", a.model},
      {"weights_sha256", a.weights_sha256}};
  std::vector<NamedTensor> tensors;
  const auto k = static_cast<int64_t>(a.labels.size());
  if (a.kind == Adapter::Kind::kKnn) {
    const int64_t n = static_cast<int64_t>(a.targets.size()) / k;
    tensors.push_back({"vectors", Tensor::host({n, a.width()}, std::span<const float>(a.vectors))});
    tensors.push_back({"targets", Tensor::host({n, k}, std::span<const float>(a.targets))});
    metadata["neighbours"] = std::to_string(a.neighbours);
    metadata["weighting"] = a.weighted ? "distance" : "uniform";
  } else {
    tensors.push_back({"mean", Tensor::host({a.width()}, std::span<const float>(a.mean))});
    tensors.push_back({"scale", Tensor::host({a.width()}, std::span<const float>(a.scale))});
    for (size_t i = 0; i < a.layers.size(); ++i) {
      tensors.push_back({"layers." + std::to_string(i) + ".weight", a.layers[i].weight});
      tensors.push_back({"layers." + std::to_string(i) + ".bias", a.layers[i].bias});
    }
  }
  write_safetensors(path, tensors, metadata);
}

}  // namespace hilum
