// What several subcommands share: logs, seeds, threads, where the model is.
#pragma once

#include <filesystem>
#include <string>

#include "cli/options.h"

namespace hilum {

// Applies --quiet and --log-json.
void set_up_from(const OptionValues& options);

// --model, else HILUM_MODEL, else the demo model that comes with Hilum. Throws Error when none of them is there.
std::filesystem::path model_path(const OptionValues& options);

// The demo model that comes with Hilum. Throws Error when it is not there.
std::filesystem::path demo_model_path();

// --adapter: the folder of a LoRA adapter; empty when it is not given.
std::filesystem::path lora_path(const OptionValues& options);

// Writes `text` to -o FILE, or to stdout.
void write_result(const OptionValues& options, const std::string& text);

}  // namespace hilum
