#include "models/files/lora_config.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/files/config_reader.h"

namespace hilum {
namespace {

constexpr int kMaxRank = 1 << 16;

// What is read here, and what has no say in the merged weights: notes, settings of training, how A and B began.
const char* const kKnown[] = {"peft_type", "r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern",
    "target_modules", "modules_to_save", "base_model_name_or_path", "bias", "fan_in_fan_out", "init_lora_weights",
    "auto_mapping", "peft_version", "revision", "task_type", "inference_mode", "lora_dropout", "exclude_modules",
    "layers_to_transform", "layers_pattern", "megatron_config", "megatron_core", "loftq_config", "eva_config",
    "corda_config", "lora_ga_config", "velora_config", "qalora_group_size", "runtime_config", "ensure_weight_tying"};

bool is_known(const std::string& key) {
  return std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown);
}

bool says_nothing(const Json& value) {
  return value.is_null() || (value.is_boolean() && !value.get<bool>()) || (value.is_structured() && value.empty());
}

std::string shown(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

void refuse_other_forms(const ConfigReader& in) {
  const auto refuse = [&](const std::string& what) { throw Error(in.where(), what, kLoraMend); };
  const std::string type = in.text("peft_type", "");
  if (type.empty()) throw Error(in.where(), "gives no peft_type", "Is this the adapter_config.json that PEFT wrote?");
  if (type != "LORA") refuse("peft_type " + type + " is not known");
  if (in.flag("use_dora", false)) refuse("the adapter is DoRA (use_dora), which is not known");
  const std::string bias = in.text("bias", "none");
  if (bias != "none") refuse("the adapter has trained biases (bias \"" + bias + "\"), which are not known");
  if (in.flag("lora_bias", false)) refuse("the adapter has biases of its own (lora_bias), which are not known");
  if (in.flag("fan_in_fan_out", false))
    refuse("the adapter is for transposed weights (fan_in_fan_out), which are not known");
  if (in.has("init_lora_weights") && in.json().at("init_lora_weights").is_string()) {
    // the others (pissa, olora, corda, loftq, lora_ga) change the base's weights too, and the file holds A and B alone
    const std::string begin = in.text("init_lora_weights", "");
    if (begin != "gaussian" && begin != "eva" && begin != "orthogonal" && begin != "mica")
      refuse("the adapter began with changed weights of the model (init_lora_weights \"" + begin +
             "\"), which are not known");
  }
  for (const auto& [key, value] : in.json().items())
    if (!is_known(key) && !says_nothing(value))
      refuse("\"" + key + "\" is " + shown(value) + ", a form that is not known");
}

double alpha_from(const Json& value, const std::string& where) {
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    throw Error(where, "is " + shown(value) + ", wanted a number");
  return value.get<double>();
}

int rank_from(const Json& value, const std::string& where) {
  const double rank = value.is_number_integer() ? value.get<double>() : 0;
  if (rank < 1 || rank > kMaxRank)
    throw Error(where, "is " + shown(value) + ", wanted a rank of 1 to " + std::to_string(kMaxRank));
  return static_cast<int>(rank);
}

template <typename Value>
void read_patterns(const ConfigReader& in, const char* key, Value (*read)(const Json&, const std::string&),
    std::vector<std::pair<ModulePattern, Value>>& out) {
  if (!in.has(key)) return;
  const ConfigReader patterns = in.part(key);  // an object, or an Error
  for (const auto& [pattern, value] : patterns.json().items())
    out.emplace_back(ModulePattern(pattern, patterns.where()), read(value, patterns.where() + ": \"" + pattern + "\""));
}

}  // namespace

int LoraConfig::rank_of(const std::string& module) const {
  for (const auto& [pattern, value] : ranks)
    if (pattern.fits(module)) return value;
  return rank;
}

double LoraConfig::scale_of(const std::string& module) const {
  double own = alpha;
  for (const auto& [pattern, value] : alphas)
    if (pattern.fits(module)) {
      own = value;
      break;
    }
  const double r = rank_of(module);
  return rank_stabilised ? own / std::sqrt(r) : own / r;
}

LoraConfig lora_config_from_json(const Json& config, const std::string& where) {
  const ConfigReader in(config, where);
  refuse_other_forms(in);
  LoraConfig lora;
  if (in.has("r")) lora.rank = rank_from(config.at("r"), where + ": r");
  if (in.has("lora_alpha")) lora.alpha = alpha_from(config.at("lora_alpha"), where + ": lora_alpha");
  lora.rank_stabilised = in.flag("use_rslora", false);
  read_patterns(in, "rank_pattern", rank_from, lora.ranks);
  read_patterns(in, "alpha_pattern", alpha_from, lora.alphas);
  if (in.has("target_modules"))
    lora.modules = config.at("target_modules").is_string() ? std::vector{in.text("target_modules", "")}
                                                           : in.texts("target_modules");
  lora.base = in.text("base_model_name_or_path", "");
  return lora;
}

}  // namespace hilum
