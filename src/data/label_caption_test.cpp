#include "data/label_caption.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

struct Case {
  std::map<std::string, int> labels;
  std::vector<std::string> classes;
  std::string text;
  std::optional<bool> abnormal;
};

TEST(LabelCaption, SaysWhatIsThereAndNoMore) {
  std::map<std::string, int> all_zero;
  for (const std::string& name : kChexpertLabels)
    if (name != "No Finding") all_zero[name] = 0;
  std::map<std::string, int> one_uncertain = all_zero;
  one_uncertain["Edema"] = -1;
  const Case cases[] = {
      {{{"Pleural Effusion", 1}, {"Atelectasis", 1}, {"Edema", -1}, {"Fracture", 0}}, {},
          "atelectasis, pleural effusion", true},  // in the order of the 14, not of the alphabet by chance
      {{{"Pneumonia", 1}, {"Cardiomegaly", 1}}, {}, "cardiomegaly, pneumonia", true},
      {{{"No Finding", 1}}, {}, "no finding", false},
      {{{"No Finding", 1}, {"Support Devices", 1}}, {}, "support devices", false},
      {{{"No Finding", 1}, {"Fracture", 1}}, {}, "fracture", true},
      {{{"Support Devices", 1}}, {}, "support devices", std::nullopt},
      {{{"Edema", -1}}, {}, "", std::nullopt},                     // possible is neither there nor absent
      {{{"Pneumothorax", 0}}, {}, "", std::nullopt},               // and one absence is no normal film
      {{{"No Finding", 1}, {"Edema", -1}}, {}, "", std::nullopt},  // a contradiction
      {all_zero, {}, "no finding", false},
      {one_uncertain, {}, "", std::nullopt},
      {{}, {"Effusion", "Pleural_Thickening"}, "effusion, pleural_thickening", true},
      {{}, {"No Finding"}, "no finding", false},
      {{}, {"normal"}, "no finding", false},
      {{}, {"Healthy"}, "no finding", false},
      {{}, {"normal", "unchanged"}, "no finding", false},
      {{}, {"No Lung Opacity / Not Normal"}, "", true},
      {{}, {"Negative for Pneumonia"}, "", std::nullopt},
      {{}, {"no lung abnormalities"}, "", std::nullopt},
      {{{"Pneumothorax", 1}}, {"Pneumothorax"}, "pneumothorax", true},  // one name, said twice
      {{}, {}, "", std::nullopt},
  };
  for (const Case& c : cases) {
    Study study;
    study.labels = c.labels;
    study.classes = c.classes;
    const LabelCaption got = label_caption(study);
    EXPECT_EQ(got.text, c.text);
    EXPECT_EQ(got.abnormal, c.abnormal) << c.text << " of " << study_to_json(study);
  }
}

TEST(LabelCaption, KindsOfPictureAreNoFindings) {
  Study study;
  study.class_set = "irma-2009";
  study.classes = {"1121-127-700-500"};
  EXPECT_EQ(label_caption(study).text, "");
  EXPECT_EQ(label_caption(study).abnormal, std::nullopt);
}

}  // namespace
}  // namespace hilum
