// The wording of one finding.
#pragma once

#include <array>
#include <initializer_list>
#include <string>

#include "phantom/findings.h"

namespace hilum::phantom {

std::string pick(Rng& rng, std::initializer_list<const char*> options);
std::string capital(std::string text);

// "small left pleural effusion": size, side, what; never a word about change.
std::string short_name(const FindingSpec& spec);

// The sentence. Words about change only with a prior.
std::string wording_of(const FindingSpec& spec, bool has_prior, Rng& rng);

}  // namespace hilum::phantom
