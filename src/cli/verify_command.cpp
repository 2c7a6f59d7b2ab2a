// hilum verify: how far this engine is from a reference implementation, on a dump that one wrote (DESIGN section 6).
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "models/dual_encoder_config.h"
#include "models/verify.h"
#include "models/vlm_config.h"

namespace hilum {
namespace {

// Weights stored anew as another type, as a converted file would hold them.
template <typename Model>
void store_as(Model& model, const std::string& type) {
  const DType dtype = type == "f32"    ? DType::kF32
                      : type == "f16"  ? DType::kF16
                      : type == "bf16" ? DType::kBF16
                                       : DType::kBool;
  check(dtype != DType::kBool, "--type", "\"" + type + "\" is not in this version", "Use f32, f16 or bf16.");
  ParamList params;
  model.params(params);
  for (Param* param : params) param->set_data(to_dtype(to_f32(param->data()), dtype));
}

template <typename Loaded>
std::vector<CompareRow> compare(Loaded loaded, const OptionValues& options, Ops& ops) {
  if (const auto type = options.maybe("--type")) store_as(*loaded.model, *type);
  return compare_to_dump(ops, *loaded.model, SafetensorsFile(options.text("FIXTURE")));
}

}  // namespace

int run_verify(const OptionValues& options) {
  set_up_from(options);
  BackendConfig backend = backend_config(options);
  backend.torch = options.text("--backend") == "torch";
  const auto ops = make_backend(backend);
  const std::string model = options.text("MODEL");
  const bool embeds = preset_of_files(model).embedding.has_value();
  if (embeds) check_takes_no_adapter(model, lora_path(options));
  const auto compared = embeds ? compare(load_dual_encoder(model), options, *ops)
                               : compare(load_vlm(model, lora_path(options)), options, *ops);
  const double tolerance = options.real("--tolerance");

  Json rows = Json::array();
  bool within = true;
  const std::string with = options.maybe("--adapter") ? " with " + options.text("--adapter") : "";
  fmt::print("{}{} against {}, on {}\n\n{:<28} {:>14} {:>12} {:>12} {:>12}\n", options.text("MODEL"), with,
      options.text("FIXTURE"), std::string(ops->name()), "name", "shape", "max abs", "relative L2", "cosine");
  for (const CompareRow& row : compared) {
    const bool ok = row.rel_l2 <= tolerance;
    within = within && ok;
    fmt::print("{:<28} {:>14} {:>12.3e} {:>12.3e} {:>12.9f}{}\n", row.name, row.shape.text(), row.max_abs, row.rel_l2,
        row.cosine, ok ? "" : "  past the tolerance");
    rows.push_back(
        {{"name", row.name}, {"max_abs", row.max_abs}, {"rel_l2", row.rel_l2}, {"cosine", row.cosine}, {"ok", ok}});
  }
  fmt::print("\n{} (relative L2 at most {:g})\n", within ? "within the tolerance" : "PAST THE TOLERANCE", tolerance);
  if (const auto file = options.maybe("--json"))
    write_file(*file,
        Json{{"backend", std::string(ops->name())}, {"tolerance", tolerance}, {"within", within}, {"rows", rows}}.dump(
            2) +
            "\n");
  return static_cast<int>(within ? ExitCode::kDone : ExitCode::kFailed);
}

}  // namespace hilum
