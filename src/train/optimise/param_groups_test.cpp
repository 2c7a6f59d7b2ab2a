#include "train/optimise/param_groups.h"

#include <deque>

#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "train/optimise/make_optimizer.h"

namespace hilum {
namespace {

struct Model {
  Model() {
    for (const char* name : {"encoder.layer.0.norm.weight", "encoder.layer.0.fc.weight", "encoder.position_embeddings",
             "encoder.cls_token", "language.fc.weight", "language.fc.bias"}) {
      const std::string text = name;
      const bool vector = text.ends_with("norm.weight") || text.ends_with("bias");
      params.emplace_back(text, vector ? Shape{2} : Shape{2, 2});
      params.back().set_data(Tensor::host(params.back().shape()));
      list.push_back(&params.back());
    }
  }
  std::deque<Param> params;
  ParamList list;
};

TEST(ParamGroups, TheFirstGroupThatFitsHolds) {
  Model m;
  const ParamGroups groups(
      {{.match = "encoder.layer.*", .rate = 0.5}, {.match = "encoder.*", .frozen = true}}, m.list, "recipe: groups");
  EXPECT_EQ(groups.of(*m.list[1]).rate, 0.5);
  EXPECT_FALSE(groups.of(*m.list[1]).frozen);
  EXPECT_TRUE(groups.of(*m.list[3]).frozen);
  EXPECT_EQ(groups.of(*m.list[4]).rate, 1);
}

TEST(ParamGroups, APatternThatFitsNothingNamesTheNearest) {
  Model m;
  const auto problem = [&](std::vector<ParamGroup> groups) {
    return error_of([&] { ParamGroups(std::move(groups), m.list, "recipe: groups"); });
  };
  const std::string mistyped = problem({{.match = "language.*"}, {.match = "^encodr\\..*"}});
  EXPECT_NE(mistyped.find("recipe: groups[1].match"), std::string::npos) << mistyped;
  EXPECT_NE(mistyped.find("Did you mean \"encoder\"?"), std::string::npos) << mistyped;
  const std::string shadowed = problem({{.match = "encoder.*"}, {.match = "encoder.layer.*"}});
  EXPECT_NE(shadowed.find("groups[1].match"), std::string::npos) << shadowed;
  EXPECT_NE(shadowed.find("an earlier group takes"), std::string::npos) << shadowed;
  EXPECT_EQ(problem({{.match = "encoder.layer.*"}, {.match = "encoder.*"}}), "no error");
}

// What a decays where nothing is said, and what a group says; frozen parameters are no entries.
TEST(ParamGroups, BecomeTheOptimisersEntries) {
  Model m;
  TorchOps ops({.threads = 1, .gradients = true});
  ParamGroups groups(
      {{.match = "language.fc.bias", .rate = 3, .decay = 0.7}, {.match = "encoder.cls_token", .frozen = true}}, m.list,
      "groups");
  groups.add_behind({{.match = "^encoder\\..*", .rate = 0.25}});
  groups.freeze(m.list);
  AdamW optimizer = make_optimizer(ops, {}, m.list, groups, 0.1);
  struct Want {
    const char* name;
    double rate, decay;
  };
  const Want wanted[] = {{"encoder.layer.0.norm.weight", 0.25, 0}, {"encoder.layer.0.fc.weight", 0.25, 0.1},
      {"encoder.position_embeddings", 0.25, 0}, {"language.fc.weight", 1, 0.1}, {"language.fc.bias", 3, 0.7}};
  ASSERT_EQ(optimizer.entries().size(), std::size(wanted));
  for (size_t i = 0; i < std::size(wanted); ++i) {
    const AdamW::Entry& entry = optimizer.entries()[i];
    EXPECT_EQ(entry.name, wanted[i].name);
    EXPECT_EQ(entry.rate_factor, wanted[i].rate) << entry.name;
    EXPECT_EQ(entry.decay, wanted[i].decay) << entry.name;
  }
  EXPECT_FALSE(ops.leaf(*m.list[3]).requires_grad());
  ParamGroups().freeze(m.list);  // the next stage thaws it
  EXPECT_TRUE(ops.leaf(*m.list[3]).requires_grad());
}

}  // namespace
}  // namespace hilum
