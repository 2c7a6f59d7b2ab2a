#include "ops/ops.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/file.h"

namespace hilum {
namespace {

// Counts the virtual calls declared in the header's text: the interface stays small, and no name has two forms.
TEST(OpsInterface, HasAtMostThirtySixCallsAndNoOverloads) {
  const std::string text = read_file(fs::path(HILUM_SOURCE_DIR) / "src/ops/ops.h");
  const std::string body = text.substr(text.find("class Ops {"));
  const std::regex declaration(R"(virtual\s+[\w:<>]+\s+(\w+)\()");
  std::multiset<std::string> names;
  for (std::sregex_iterator at(body.begin(), body.end(), declaration), end; at != end; ++at) names.insert((*at)[1]);
  EXPECT_GE(names.size(), 30u);
  EXPECT_LE(names.size(), 36u);
  for (const std::string& name : names) EXPECT_EQ(names.count(name), 1u) << name;
}

TEST(RaggedBatch, UniformIsOneSequenceAfterAnother) {
  const RaggedBatch batch = RaggedBatch::uniform(2, 3);
  EXPECT_EQ(batch.rows(), 6);
  EXPECT_EQ(batch.slot, (std::vector<int32_t>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(batch.position, (std::vector<int32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(RaggedBatch, SingleStartsWhereTold) {
  const RaggedBatch batch = RaggedBatch::single(2, 5, 3);
  EXPECT_EQ(batch.slot, (std::vector<int32_t>{3, 3}));
  EXPECT_EQ(batch.position, (std::vector<int32_t>{5, 6}));
}

}  // namespace
}  // namespace hilum
