#include "engine/annotate/stated_finding.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

struct Case {
  const char* sentence;
  const char* code;  // empty: none
  FindingSide side = FindingSide::kNotSaid;
};

TEST(StatedFinding, OnlyWhatIsPlainlyPresentGetsACode) {
  const Case cases[] = {
      {"There is a small left pleural effusion.", "60046008", FindingSide::kLeft},
      {"Bilateral pleural effusions.", "60046008", FindingSide::kBilateral},
      {"Small left and moderate right pleural effusions.", "60046008"},
      {"There is a right apical pneumothorax.", "36118008", FindingSide::kRight},
      {"The heart is enlarged.", "287272002"},
      {"Mild cardiomegaly.", "287272002"},
      {"A 2 cm nodule in the right upper lobe.", "27925004", FindingSide::kRight},
      {"Ground glass opacities in both lungs.", "112120", FindingSide::kBilateral},
      {"Opacity in the left lower lobe.", "112001", FindingSide::kLeft},
      {"Endotracheal tube ends 4 cm above the carina.", "26412008"},
      {"A left pacemaker is present.", "14106009", FindingSide::kLeft},
      {"Platelike atelectasis at the left base.", "40779009", FindingSide::kLeft},
      {"There is a left pleural effusion, no pneumothorax.", "60046008", FindingSide::kLeft},
      {"Opacity at the base, the left lung is clear.", "112001"},
      {"Opacity on the right with a clear left lung.", "112001", FindingSide::kRight},
      // absent, uncertain, normal
      {"No pleural effusion.", ""},
      {"There is no pneumothorax or pleural effusion.", ""},
      {"Possible small pleural effusion.", ""},
      {"The heart size is normal.", ""},
      {"The lungs are clear.", ""},
      {"", ""},
      // two things, or one without a code
      {"Left pleural effusion and pneumothorax.", ""},
      {"Left pleural effusion, possible pneumonia.", ""},
      {"Endotracheal tube and chest tube are in place.", ""},
      {"Left lower lobe consolidation.", ""},
      {"Mild atelectasis at the bases.", ""},
      {"Rib fracture.", ""},
  };
  for (const Case& c : cases) {
    const auto stated = stated_finding(c.sentence);
    EXPECT_STREQ(stated ? stated->code->finding.value : "", c.code) << c.sentence;
    EXPECT_EQ(stated ? stated->side : FindingSide::kNotSaid, c.side) << c.sentence;
  }
}

}  // namespace
}  // namespace hilum
