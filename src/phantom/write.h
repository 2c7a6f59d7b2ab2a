// A folder of phantoms: images/, studies.jsonl and truth.jsonl (data/phantom_truth.h).
#pragma once

#include <filesystem>

#include "phantom/phantom.h"

namespace hilum {

enum class PhantomFormat { kPng, kDicom };

// Writes `count` studies, index 0 first. Without laterals or priors the config's rates count as 0. The manifest appears
// last and whole. The files are the same for any number of threads (< 1: as many as the machine has). Throws Error.
void write_phantoms(PhantomConfig config, int64_t count, PhantomFormat format, bool with_lateral, bool with_prior,
    const std::filesystem::path& out_dir, int threads);

}  // namespace hilum
