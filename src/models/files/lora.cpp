#include "models/files/lora.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "models/files/complaint.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

constexpr const char* kWeightFiles[] = {"adapter_model.safetensors", "adapter_model.bin"};
constexpr const char* kOtherTrained = "non_lora_trainables.bin";

// What a key of an adapter's file says: which module, and which of its parts.
enum class Part { kA, kB, kEmbeddingA, kEmbeddingB, kWhole, kDora, kBias, kUnknown };
struct AdapterKey {
  Part part = Part::kUnknown;
  std::string module;  // published name of the module; of kWhole that of the tensor
};

// "" or one name between dots, as PEFT keeps several adapters of a model apart: "weight", "default.weight"
bool ends_a_key(std::string_view rest, std::string_view last) {
  if (rest == last) return true;
  const size_t dot = rest.find('.');
  return dot != std::string_view::npos && dot > 0 && rest.substr(dot + 1) == last;
}

// base_model.model.MODULE.lora_A.weight, .lora_B.weight; of an embedding .lora_embedding_A, _B; whole tensors by their
// own name, or with modules_to_save. (a module trained whole) or base_layer. (an embedding saved beside its A and B) in
// it.
AdapterKey read_key(std::string key) {
  for (const std::string_view prefix : {"base_model.model.", "base_model."})
    if (key.starts_with(prefix)) {
      key.erase(0, prefix.size());
      break;
    }
  const size_t at = key.find(".lora_");
  if (at == std::string::npos) {
    for (const std::string_view wrapper : {".modules_to_save.default.", ".modules_to_save.", ".base_layer."})
      if (const size_t found = key.find(wrapper); found != std::string::npos) {
        key.replace(found, wrapper.size(), ".");
        break;
      }
    return {Part::kWhole, key};
  }
  const std::string module = key.substr(0, at), rest = key.substr(at + 1);
  constexpr std::pair<std::string_view, Part> kMatrices[] = {{"lora_A.", Part::kA}, {"lora_B.", Part::kB}};
  for (const auto& [name, part] : kMatrices)
    if (rest.starts_with(name)) {
      const std::string_view end = std::string_view(rest).substr(name.size());
      return {ends_a_key(end, "weight") ? part : ends_a_key(end, "bias") ? Part::kBias : Part::kUnknown, module};
    }
  constexpr std::pair<std::string_view, Part> kEmbeddings[] = {
      {"lora_embedding_A", Part::kEmbeddingA}, {"lora_embedding_B", Part::kEmbeddingB}};
  for (const auto& [name, part] : kEmbeddings)
    if (rest.starts_with(name)) {
      const std::string_view end = std::string_view(rest).substr(name.size());  // "" or ".default"
      return {end.empty() || (end.front() == '.' && end.find('.', 1) == std::string_view::npos) ? part : Part::kUnknown,
          module};
    }
  return {rest.starts_with("lora_magnitude_vector") ? Part::kDora : Part::kUnknown, module};
}

struct Source {
  const WeightFile* file = nullptr;
  const WeightEntry* entry = nullptr;
  explicit operator bool() const { return entry; }
  const Shape& shape() const { return entry->shape; }
  Tensor values() const { return to_f32(file->tensor(*entry)); }
};

// A module's A and B, of which the files may hold one.
struct Pair {
  Source a, b;
  bool embedding = false;
};

Tensor transposed(const Tensor& m) {  // F32 [n, k] -> [k, n]
  const int64_t n = m.dim(0), k = m.dim(1);
  Tensor out = Tensor::host({k, n});
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < k; ++j) out.f32()[j * n + i] = m.f32()[i * k + j];
  return out;
}

class Merge {
 public:
  Merge(const LoraAdapter& adapter, const LoraTarget& target) : adapter_(adapter), target_(target) {
    for (Param* p : target.params) params_.emplace(p->name(), p);
    summary_.where = adapter.where();
    summary_.config = adapter.config();
  }

  LoraSummary run() {
    for (const auto& file : adapter_.files())
      for (const WeightEntry& entry : file->entries()) read({file.get(), &entry});
    for (const auto& [module, pair] : pairs_) hold(module, pair);
    complain();
    summary_.ranks.assign(ranks_.begin(), ranks_.end());
    for (const auto& [param, source] : wholes_)
      replace(*param, source);  // first: an embedding saved whole is what its A and B were trained on
    for (const auto& [module, param] : changes_) add(module, *param, pairs_.at(module));
    return summary_;
  }

 private:
  void read(const Source& source) {
    const std::string& key = source.entry->name;
    const AdapterKey read = read_key(key);
    if (read.part == Part::kDora)
      throw Error(adapter_.where(), key + " belongs to a DoRA adapter, which is not known", kLoraMend);
    if (read.part == Part::kBias)
      throw Error(adapter_.where(), key + " is a bias of the adapter's own (lora_bias), which is not known", kLoraMend);
    if (!is_float(source.entry->dtype)) return types_.add(key + " is " + std::string(dtype_name(source.entry->dtype)));
    if (read.part == Part::kUnknown) return strangers_.add(key);
    if (read.part == Part::kWhole) return read_whole(key, read.module, source);
    Pair& pair = pairs_[read.module];
    const bool embedding = read.part == Part::kEmbeddingA || read.part == Part::kEmbeddingB;
    Source& place = read.part == Part::kA || read.part == Part::kEmbeddingA ? pair.a : pair.b;
    if (place || ((pair.a || pair.b) && pair.embedding != embedding)) return twice_.add(key);
    place = source;
    pair.embedding = embedding;
  }

  // The parameter of a published name; null where there is none, which is complained of unless the preset ignores the
  // name.
  Param* find(const std::string& published, const std::string& shown) {
    std::string name = our_name(target_.preset.keys, published);
    auto at = params_.find(name);
    for (const FilePart& part :
        target_.preset.files) {  // of a system in several files: the adapter of one of them says nothing of the part
      if (at != params_.end()) break;
      const std::string inside = our_name(target_.preset.keys, part.part + ":" + published);
      if (at = params_.find(inside); at != params_.end()) name = inside;
    }
    if (at != params_.end() && name == target_.tied) tied_.add(shown);
    if (at != params_.end()) return at->second;
    if (!name.empty() && is_ignored(target_.preset.ignore, name)) summary_.unused.push_back(published);
    else strangers_.add(shown);
    return nullptr;
  }

  void read_whole(const std::string& key, const std::string& published, const Source& source) {
    Param* param = find(published, key);
    if (!param) return;
    if (source.shape() != param->shape())
      shapes_.add(fmt::format(
          "{}: the adapter's is {}, the model's {}", published, source.shape().text(), param->shape().text()));
    else if (!wholes_.emplace(param, source).second) twice_.add(key);
  }

  void hold(const std::string& module, const Pair& pair) {
    Param* param = find(module + ".weight", module);
    if (!pair.a || !pair.b) return halves_.add(fmt::format("{} has {} alone", module, pair.a ? "A" : "B"));
    if (!param) return;
    const Shape &a = pair.a.shape(), &b = pair.b.shape();
    if (a.rank() != 2 || b.rank() != 2 || param->shape().rank() != 2)
      return convolutions_.add(
          fmt::format("{}: A {}, B {}, the model's weight {}", module, a.text(), b.text(), param->shape().text()));
    const int rank = adapter_.config().rank_of(module);
    if (a[0] != rank || b[1] != rank)
      return wrong_ranks_.add(
          fmt::format("{}: A {} and B {}, the config says rank {}", module, a.text(), b.text(), rank));
    const Shape wanted = pair.embedding ? Shape{a[1], b[0]} : Shape{b[0], a[1]};
    if (wanted != param->shape())
      return shapes_.add(fmt::format("{}: the adapter's A {} and B {} are for a weight {}, the model's is {}", module,
          a.text(), b.text(), wanted.text(), param->shape().text()));
    if (!touched_.insert(param).second) return twice_.add(module);
    ranks_.insert(rank);
    changes_.emplace_back(module, param);
  }

  void complain() const {
    std::string trouble;
    for (const Complaint* one :
        {&shapes_, &wrong_ranks_, &halves_, &convolutions_, &types_, &twice_, &tied_, &strangers_})
      trouble += one->text();
    const std::string base = adapter_.config().base;
    const std::string made_for = base.empty() ? "The adapter does not say which model it was made for"
                                              : "The adapter was made for \"" + base + "\"";
    const std::string mend = "\n" + made_for + "; this is " + target_.preset.title + " in " + target_.where + ".";
    if (!trouble.empty()) throw Error(adapter_.where(), "the adapter does not fit the model:" + trouble, mend);
    if (changes_.empty() && wholes_.empty())
      throw Error(adapter_.where(), "the adapter changes nothing of the model", mend);
  }

  void replace(Param& param, const Source& source) {
    ++summary_.replaced;
    summary_.values += source.shape().count();
    if (!param.loaded()) return;
    const Tensor stored = source.file->tensor(*source.entry);
    param.set_data(stored.dtype() == param.storage() ? stored : to_dtype(to_f32(stored), param.storage()));
  }

  void add(const std::string& module, Param& param, const Pair& pair) {
    ++summary_.merged;
    summary_.values += pair.a.shape().count() + pair.b.shape().count();
    if (!param.loaded()) return;
    Tensor left = pair.b.values(), right = pair.a.values();  // [out, r], [r, in]
    if (pair.embedding) {                                    // (B A)^T = A^T B^T
      const Tensor b = transposed(left);
      left = transposed(right);
      right = b;  // [V, r], [r, D]
    }
    const auto scale = static_cast<float>(adapter_.config().scale_of(module));
    param.set_data(add_product(param.data(), left, right, scale, adapter_.where() + ": " + module));
  }

  const LoraAdapter& adapter_;
  const LoraTarget& target_;
  std::map<std::string, Param*> params_;
  std::map<std::string, Pair> pairs_;
  std::map<Param*, Source> wholes_;
  std::vector<std::pair<std::string, Param*>> changes_;
  std::set<Param*> touched_;
  std::set<int> ranks_;
  LoraSummary summary_;
  Complaint strangers_{"that fit no weight of the model"}, shapes_{"of another shape"}, wrong_ranks_{"of another rank"},
      halves_{"not whole"}, convolutions_{"of convolutions, which are not known"}, types_{"of another type"},
      twice_{"given twice"}, tied_{"used by the model in two places (tied embeddings), which an adapter cannot change"};
};

}  // namespace

bool is_adapter_folder(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path / kAdapterConfigFile, ignored)) return false;
  if (!fs::exists(path / "config.json", ignored)) return true;
  if (!holds_weight_files(path)) return true;
  try {
    return find_weights(path).filename().string().starts_with("adapter_model.");
  } catch (const Error&) {  // several files, none of them named as a model's
    return true;
  }
}

void check_is_no_adapter(const fs::path& model) {
  if (is_adapter_folder(model))
    throw Error(model.string(), "is an adapter, not a model",
        "Name the model it was made for as the model, and this folder with --adapter.");
}

void check_takes_no_adapter(const fs::path& embedding_system, const fs::path& adapter) {
  if (!adapter.empty())
    throw Error(adapter.string(),
        "LoRA adapters are for vision-language models, and " + embedding_system.string() + " makes embeddings",
        "Merge it into the model with PEFT (merge_and_unload) and use the merged model.");
}

LoraAdapter::LoraAdapter(const fs::path& folder) : where_(folder.string()) {
  const fs::path config = folder / kAdapterConfigFile;
  if (!fs::exists(config))
    throw Error(where_, fs::exists(folder) ? std::string("holds no ") + kAdapterConfigFile : "does not exist",
        "Give the folder of a LoRA adapter as PEFT saves it; a whole model is named as the model.");
  config_ = lora_config_from_json(read_json_file(config), config.string());
  for (const char* name : kWeightFiles)
    if (files_.empty() && fs::exists(folder / name)) files_.push_back(open_weight_file(folder / name));
  if (files_.empty())
    throw Error(where_, fmt::format("holds neither {} nor {}", kWeightFiles[0], kWeightFiles[1]),
        "The adapter's weights are missing.");
  if (fs::exists(folder / kOtherTrained)) files_.push_back(open_weight_file(folder / kOtherTrained));
}

LoraAdapter::LoraAdapter(std::string where, LoraConfig config, std::vector<std::unique_ptr<WeightFile>> files)
    : where_(std::move(where)), config_(std::move(config)), files_(std::move(files)) {}

LoraSummary merge_lora(const LoraAdapter& adapter, const LoraTarget& target) { return Merge(adapter, target).run(); }

}  // namespace hilum
