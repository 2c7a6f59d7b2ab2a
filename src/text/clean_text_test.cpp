// Cleaning against ftfy's and Python's own results (scripts/golden/open_clip_text.py).
#include "text/clean_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/fix_text.h"
#include "text/html_entities.h"
#include "text/test_files.h"

namespace hilum {
namespace {

TEST(CleanText, IsTheLibrarys) {
  const auto golden = test::text_fixture("open_clip_text.json");
  int rows = 0;
  for (const auto& row : golden["rows"]) {
    const std::string text = row["text"];
    EXPECT_EQ(fix_text(text), row["ftfy"].get<std::string>()) << row["text"].dump(-1, ' ', true);
    EXPECT_EQ(html_unescape(text), row["unescaped"].get<std::string>()) << row["text"].dump(-1, ' ', true);
    EXPECT_EQ(clean_text(text, TextCleaning::kOpenClip), row["clean"].get<std::string>())
        << row["text"].dump(-1, ' ', true);
    ++rows;
  }
  EXPECT_EQ(rows, 45);
}

TEST(CleanText, EveryReferenceAndBlankIsResolved) {
  EXPECT_EQ(clean_text("&lt;5 mm nodule &amp;amp; effusion", TextCleaning::kOpenClip), "<5 mm nodule & effusion");
  EXPECT_EQ(clean_text(" a  &lt; ", TextCleaning::kNone), " a  &lt; ");
}

TEST(CleanText, AnyBytesBecomeUtf8AndNestedReferencesEnd) {
  EXPECT_EQ(fix_text("\xff x"), "\xEF\xBF\xBD x");
  std::string nested = "&";
  for (int i = 0; i < 5000; ++i) nested += "amp;";
  EXPECT_LT(fix_text(nested).size(), nested.size());
}

TEST(CleanText, WordsOfPresets) {
  EXPECT_EQ(text_cleaning_from_name(""), TextCleaning::kNone);
  EXPECT_EQ(text_cleaning_from_name("none"), TextCleaning::kNone);
  EXPECT_EQ(text_cleaning_from_name("open_clip"), TextCleaning::kOpenClip);
  EXPECT_THROW(text_cleaning_from_name("lower"), Error);
}

}  // namespace
}  // namespace hilum
