#include "cli/options.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/nearest.h"

namespace hilum {
namespace {

OptionValues seen;
std::vector<Command> table() {
  return {{"report", "Writes a report.",
              {{"FRONTAL", OptionKind::kText, "FRONTAL", "image", "", false, true},
                  {"--format", OptionKind::kText, "FORM", "form", "text", false, false, 0, 0, {"text", "json"}},
                  {"--max-new-tokens", OptionKind::kInt, "N", "tokens", "450", false, false, 1, 4096},
                  {"--ask", OptionKind::kText, "TEXT", "question", "", true},
                  {"--quiet", OptionKind::kFlag, "", "no progress"}},
              [](const OptionValues& values) {
                seen = values;
                return 7;
              }},
      {"serve", "Serves.", {{"--port", OptionKind::kInt, "N", "port"}}}};
}

int run(std::vector<const char*> words) {
  words.insert(words.begin(), "hilum");
  return run_command_line(table(), static_cast<int>(words.size()), words.data());
}

std::string refusal(std::vector<const char*> words) {
  return error_of([&] { run(std::move(words)); });
}

TEST(Options, ValuesAndDefaultsArrive) {
  EXPECT_EQ(run({"report", "a.png", "--ask", "x", "--ask=y", "--quiet"}), 7);
  EXPECT_EQ(seen.text("FRONTAL"), "a.png");
  EXPECT_EQ(seen.text("--format"), "text");
  EXPECT_EQ(seen.integer("--max-new-tokens"), 450);
  EXPECT_EQ(seen.all("--ask"), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(seen.flag("--quiet"));
}

TEST(Options, UnknownOptionNamesTheNearest) {
  EXPECT_NE(refusal({"report", "a.png", "--fromat", "json"}).find("--format"), std::string::npos);
  EXPECT_NE(refusal({"report", "a.png", "--max-new"}).find("--max-new-tokens"), std::string::npos);
}

TEST(Options, BadValuesAreRefusedWithTheOptionsName) {
  EXPECT_NE(refusal({"report", "a.png", "--max-new-tokens", "many"}).find("--max-new-tokens"), std::string::npos);
  EXPECT_NE(refusal({"report", "a.png", "--max-new-tokens", "0"}).find("outside 1 to 4096"), std::string::npos);
  EXPECT_NE(refusal({"report", "a.png", "--format", "jsn"}).find("Did you mean json"), std::string::npos);
  EXPECT_NE(refusal({"report"}).find("FRONTAL"), std::string::npos);
  EXPECT_NE(refusal({"report", "a", "b"}).find("more arguments"), std::string::npos);
}

TEST(Options, AGroupOfCommandsHasHelpOfItsOwn) {
  const std::vector<Command> group{{"search index", "Builds."}, {"search query", "Finds."}};
  const char* words[] = {"hilum", "search", "--help"};
  EXPECT_EQ(run_command_line(group, 3, words), 0);
  EXPECT_THROW(run_command_line(group, 2, words), Error);
}

TEST(Options, CommandsNotYetThereSaySo) {
  EXPECT_NE(refusal({"serve", "--port", "1"}).find("not in this version"), std::string::npos);
  EXPECT_NE(refusal({"reprot"}).find("Did you mean \"report\""), std::string::npos);
}

TEST(Options, NearestNameIgnoresWhatIsFar) {
  EXPECT_EQ(nearest_name("--zebra", {"--format", "--seed"}), "");
  EXPECT_EQ(nearest_name("--sed", {"--format", "--seed"}), "--seed");
}

}  // namespace
}  // namespace hilum
