#include "datasets/curation/radiology_terms.h"

#include <gtest/gtest.h>

#include "datasets/curation/curate.h"

namespace hilum {
namespace {

TEST(RadiologyTerms, AreWholeWordsInAnyCase) {
  for (const char* text : {"My X-RAY shows something.", "the ct was done", "Two MRIs",
           "Pleural  effusion? pleural effusion", "radiologists say", "chest film", "hilar"})
    EXPECT_TRUE(names_radiology(text)) << text;
  for (const char* text :
      {"My knee hurts.", "doctor", "act", "factor", "I felt relaxed on the relay", "philarmonic", ""})
    EXPECT_FALSE(names_radiology(text)) << text;
}

SourceStudy asked(const std::string& id, const std::string& question, const std::string& answer) {
  SourceStudy s;
  s.study.study_id = id;
  s.study.dialogues = {{{{question, answer}}}};
  return s;
}

TEST(RadiologyTerms, ChooseDialogues) {
  const std::vector<SourceStudy> studies = {asked("a", "I had a CT.", "Fine."), asked("b", "My knee hurts.", "Rest."),
      asked("c", "What now?", "Get an x-ray."), asked("d", "my knee  hurts.", "Rest.")};
  const Curation c = curate(studies, {.rules = "radiology-dialogues"});
  ASSERT_EQ(c.studies.size(), 2u);
  EXPECT_EQ(c.studies[0].study.study_id, "a");
  EXPECT_EQ(c.studies[1].study.study_id, "c");
  EXPECT_EQ(c.dropped.at(0).reason, "no_radiology_term");
  const Curation same = curate(studies, {.duplicates = Duplicates::kSameText});
  ASSERT_EQ(same.studies.size(), 3u);  // d says what b says
  EXPECT_EQ(same.dropped.at(0).study_id, "d");
}

}  // namespace
}  // namespace hilum
