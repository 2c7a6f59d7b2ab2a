#include "ops/ops.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/file.h"

namespace hilum {
namespace {

// Reads the header's text: the interface stays small, no name has two forms, and each call has one form that computes.
TEST(OpsInterface, HasAtMostThirtySixCallsAndNoOverloads) {
  const std::string text = read_file(fs::path(HILUM_SOURCE_DIR) / "src/ops/ops.h");
  const size_t begin = text.find("class Ops {"), middle = text.find(" protected:", begin);
  const auto names_in = [](const std::string& part, const char* declaration) {
    const std::regex pattern(declaration);
    std::multiset<std::string> names;
    for (std::sregex_iterator at(part.begin(), part.end(), pattern), end; at != end; ++at) names.insert((*at)[1]);
    return names;
  };
  const auto calls = names_in(text.substr(begin, middle - begin), R"(\n  (?:virtual )?[\w:<>]+ (\w+)\()");
  EXPECT_GE(calls.size(), 30u);
  EXPECT_LE(calls.size(), 36u);
  for (const std::string& name : calls) EXPECT_EQ(calls.count(name), 1u) << name;
  auto computed = names_in(text.substr(middle), R"(\n  virtual [\w:<>]+ do_(\w+)\()");
  computed.insert("name");  // asks for nothing, so there is nothing to check
  EXPECT_EQ(computed, calls);
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
