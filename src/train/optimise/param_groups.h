// Groups of parameters, as recipes state them: how fast each learns, how it decays, whether it learns at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/files/module_pattern.h"
#include "tensor/param.h"

namespace hilum {

struct ParamGroup {
  std::string match;            // a pattern of names (models/files/module_pattern.h): "encoder.*", "^encoder\\..*"
  double rate = 1;              // factor on the step's learning rate
  std::optional<double> decay;  // weight decay; nothing: the stage's, where decays_by_default() holds
  bool frozen = false;          // left as it is, without a gradient
};

// Whether a parameter decays where no group says so: matrices do; vectors (biases, norms), positions and class tokens
// do not.
bool decays_by_default(const Param& param);

class ParamGroups {
 public:
  // The first group that fits a name holds. `where` stands before errors ("recipe.toml: groups"). Throws Error for a
  // pattern that cannot be read, and for one that fits none of `all`, naming the nearest name, or only names that an
  // earlier group takes.
  ParamGroups(std::vector<ParamGroup> groups, const ParamList& all, const std::string& where);
  ParamGroups() = default;

  // The group of a parameter; one that no pattern fits is in a plain group.
  const ParamGroup& of(const Param& param) const;
  // The same with further groups behind those of the recipe, for what no pattern fits. They need not fit anything.
  void add_behind(std::vector<ParamGroup> groups);
  // Marks every parameter frozen or not as its group says.
  void freeze(const ParamList& all) const;

 private:
  struct Group {
    ParamGroup says;
    ModulePattern pattern;
  };
  std::vector<Group> groups_;
};

}  // namespace hilum
