#include "serve/wire/text_form.h"

#include <regex>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

TextForm form_of(const std::string& pattern) { return TextForm::of({.patterns = {pattern}}, "pattern"); }

// By hand, from ECMA-262.
TEST(TextForm, MatchesAsThePatternSays) {
  const std::tuple<std::string, std::string, bool> cases[] = {
      {"^a+b?$", "aab", true},
      {"^a+b?$", "b", false},
      {"b", "abc", true},
      {"^a|b$", "ax", true},
      {"^a|b$", "xb", true},
      {"^a|b$", "xa", false},
      {"^(?:ab|cd){2,3}$", "abcdab", true},
      {"^(?:ab|cd){2,3}$", "ab", false},
      {"^[^a-c]$", "d", true},
      {"^[^a-c]$", "b", false},
      {"^[\\w.-]+$", "a.b-c_1", true},
      {"^.$", "\xc3\xa9", true},
      {"^.$", "\n", false},
      {"^\\u00e9\\x41\\u{1F600}$",
          "\xc3\xa9"
          "A\xf0\x9f\x98\x80",
          true},
      {"^(?!ab)a.*$", "ac", true},
      {"^(?!ab)a.*$", "abc", false},
      {"^(?=.*\\d)[a-z0-9]+$", "ab1", true},
      {"^(?=.*\\d)[a-z0-9]+$", "abc", false},
      {"^(?<year>\\d{4})$", "2024", true},
      {"^$", "", true},
      {"", "anything", true},
  };
  for (const auto& [pattern, text, expected] : cases)
    EXPECT_EQ(form_of(pattern).matches(text), expected) << pattern << "  " << text;
}

TEST(TextForm, FormatsAreThoseOfTheirStandards) {
  const std::tuple<const char*, const char*, bool> cases[] = {{"date", "2024-02-29", true},
      {"date", "2100-02-29", false}, {"date", "2000-02-29", true}, {"date", "2024-04-31", false},
      {"date", "2024-13-01", false}, {"time", "23:59:59.5Z", true}, {"time", "24:00:00Z", false},
      {"time", "10:00:00", false}, {"date-time", "2024-01-02T03:04:05+01:30", true},
      {"date-time", "2024-01-02 03:04:05Z", false}, {"duration", "P1Y2M3DT4H", true}, {"duration", "P", false},
      {"duration", "PT", false}, {"duration", "P2W", true}, {"email", "a.b@c-d.org", true},
      {"email", "a..b@c.org", false}, {"email", "a@c", false}, {"ipv4", "255.0.10.1", true},
      {"ipv4", "256.0.0.1", false}, {"ipv4", "01.2.3.4", false}, {"ipv6", "2001:db8::1", true}, {"ipv6", "::", true},
      {"ipv6", "1:2:3:4:5:6:7:8", true}, {"ipv6", "1::2::3", false}, {"ipv6", "1:2:3:4:5:6:7", false},
      {"uuid", "123e4567-e89b-12d3-a456-426614174000", true}, {"uuid", "123e4567", false},
      {"hostname", "a-b.example", true}, {"hostname", "-a.example", false}, {"uri", "https://a.b/c?d=e#f", true},
      {"uri", "a b:", false}};
  for (const auto& [format, text, expected] : cases)
    EXPECT_EQ(form_of(pattern_of_format(format)).matches(text), expected) << format << "  " << text;
  EXPECT_EQ(pattern_of_format("iri"), "");
}

TEST(TextForm, LengthsAndChoicesAreForms) {
  const TextForm bounded = TextForm::of({.patterns = {"^\\d*$"}, .min_length = 2, .max_length = 3}, "pattern");
  for (const auto& [text, expected] : {std::pair("1", false), {"12", true}, {"123", true}, {"1234", false}})
    EXPECT_EQ(bounded.matches(text), expected) << text;
  const TextForm choices = TextForm::choices({"yes", "no (not seen).", "a\\b|c"}, "guided_choice");
  for (const auto& [text, expected] :
      {std::pair("yes", true), {"no (not seen).", true}, {"a\\b|c", true}, {"no", false}, {"yesno", false}})
    EXPECT_EQ(choices.matches(text), expected) << text;
}

TEST(TextForm, EveryBeginningItTakesHasAnEnd) {
  const TextForm form = form_of("^(?:ab){3}x$");
  TextForm::Cursor at;
  for (const char c : std::string("ababab")) EXPECT_TRUE(form.take_byte(at, static_cast<uint8_t>(c)));
  EXPECT_FALSE(form.take_byte(at, 'a'));
  EXPECT_FALSE(form.may_end(at));
  EXPECT_TRUE(form.take_byte(at, 'x') && form.must_end(at));
  for (const char* pattern : {"^(?!a)a$", "a^b"})
    EXPECT_THAT(refusal([&] { form_of(pattern); }).what(), testing::HasSubstr("no text has")) << pattern;
  EXPECT_THAT(refusal([] { form_of("^(a?){1000}(b?){1000}(?=(c?){1000}).{900}$"); }).what(),
      testing::HasSubstr("too many states"));
}

// Against the standard library's reading of the same patterns.
RC_GTEST_PROP(TextForm, AgreesWithTheStandardLibrary, ()) {
  static const std::vector<std::string> patterns = {"^a+b?$", "b", "^(a|bc)*$", "a(?!b)", "^(?=a)[ab]{1,4}$",
      "[^a]b{2}|^c", "^(?:a|b(?=c))[abc]*$", "c$", "^[a-b]{2,}c*?$"};
  const std::string& pattern = *rc::gen::elementOf(patterns);
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc")));
  RC_ASSERT(form_of(pattern).matches(text) == std::regex_search(text, std::regex(pattern)));
}

}  // namespace
}  // namespace hilum
