#include "train/optimise/param_groups.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/error.h"
#include "base/nearest.h"

namespace hilum {
namespace {

// A pattern without its signs: what was meant as a name.
std::string plain_name(const std::string& pattern) {
  std::string name;
  for (const char c : pattern)
    if (c != '^' && c != '$' && c != '\\' && c != '*' && c != '+' && c != '?') name += c;
  while (name.ends_with('.')) name.pop_back();
  return name;
}

// The parameters' names and those of the modules that hold them.
std::vector<std::string> known_names(const ParamList& all) {
  std::set<std::string> names;
  for (const Param* p : all)
    for (size_t end = p->name().find('.');; end = p->name().find('.', end + 1)) {
      names.insert(p->name().substr(0, end));
      if (end == std::string::npos) break;
    }
  return {names.begin(), names.end()};
}

}  // namespace

bool decays_by_default(const Param& param) {
  return param.shape().rank() >= 2 && param.name().find("position") == std::string::npos &&
         !param.name().ends_with("cls_token");
}

ParamGroups::ParamGroups(std::vector<ParamGroup> groups, const ParamList& all, const std::string& where) {
  for (size_t i = 0; i < groups.size(); ++i) {
    const std::string at = fmt::format("{}[{}].match", where, i);
    const ModulePattern pattern(groups[i].match, at);
    size_t fitting = 0, taken = 0;
    for (const Param* p : all) {
      if (!pattern.fits(p->name())) continue;
      ++fitting;
      taken += std::any_of(groups_.begin(), groups_.end(), [&](const Group& g) { return g.pattern.fits(p->name()); });
    }
    if (fitting == 0) {
      const std::string near = nearest_name(plain_name(groups[i].match), known_names(all));
      throw Error(at, fmt::format("\"{}\" fits no parameter", groups[i].match),
          near.empty() ? "hilum info lists the parts of a model." : fmt::format("Did you mean \"{}\"?", near));
    }
    if (fitting == taken)
      throw Error(at, fmt::format("\"{}\" fits only parameters that an earlier group takes", groups[i].match),
          "The first group that fits holds: put the narrower one first.");
    groups_.push_back({std::move(groups[i]), pattern});
  }
}

const ParamGroup& ParamGroups::of(const Param& param) const {
  static const ParamGroup plain;
  for (const Group& group : groups_)
    if (group.pattern.fits(param.name())) return group.says;
  return plain;
}

void ParamGroups::add_behind(std::vector<ParamGroup> groups) {
  for (ParamGroup& group : groups) {
    ModulePattern pattern(group.match, "groups");
    groups_.push_back({std::move(group), std::move(pattern)});
  }
}

void ParamGroups::freeze(const ParamList& all) const {
  for (Param* p : all) p->frozen = of(*p).frozen;
}

}  // namespace hilum
