// What a study's labels say: as the text that image-text contrast pairs with the picture, and as normal or abnormal.
#pragma once

#include <optional>
#include <string>

#include "data/study.h"

namespace hilum {

struct LabelCaption {
  // The names that are there, in small letters, joined by ", "; "no finding" where the labels say that the film is
  // normal; empty where they say neither.
  std::string text;
  std::optional<bool> abnormal;  // no value: the labels do not say
};

// From `labels` (1 alone counts as there, in the order of kChexpertLabels) and `classes` (in their order, each name
// once). Abnormal: a name of something that is there. Normal: "No Finding", "normal" or "healthy" with nothing beside
// it but devices, or all labels 0 but "Support Devices". Nothing follows from names that say no more than that one
// thing is absent ("Negative for Pneumonia", "no lung abnormalities"), from labels of which some are uncertain, or from
// classes that say what kind of picture it is (IRMA's codes). How CXR-LLaVA, whose steps 1 need both, joined names and
// wrote normal films is not published; this form is ours.
LabelCaption label_caption(const Study& study);

}  // namespace hilum
