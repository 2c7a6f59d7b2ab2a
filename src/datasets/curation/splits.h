// Splits by patient, and what two manifests share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace hilum {

// Studies without a patient count as a patient each.
const std::string& patient_of(const Study& study);

// Gives every study a split: patients, not studies, are shared out, by a number that follows from seed and patient
// alone, so that a patient keeps the split when others come or go. Shares add to 1 at most 1e-6 off; they hold for
// patients within what chance allows. Throws Error.
void split_by_patient(std::vector<SourceStudy>& studies, double train, double validate, double test, uint64_t seed);

// Draws `count` studies into "test", each as likely; other studies of their patients become "held_out", so that no
// patient of the test is trained on. The rest keeps its split. Throws Error for more studies than there are.
void draw_test(std::vector<SourceStudy>& studies, size_t count, uint64_t seed);

// Something two studies share that they must not: of two manifests, or of two splits of one.
struct Leak {
  std::string kind;         // "study_id", "patient_id", "image", "text"
  std::string shared;       // the identifier or path; for texts the study of the other side
  std::string here, there;  // study ids
  std::string splits;       // "train / test"
};

// What `a` shares with `b`: identifiers, patients, image files (the same path), and word-for-word texts of 8 words and
// more.
std::vector<Leak> leaks_between(const std::vector<Study>& a, const std::vector<Study>& b);
// What the splits of one manifest share: patients and image files.
std::vector<Leak> leaks_within(const std::vector<Study>& studies);

std::string leaks_csv(const std::vector<Leak>& leaks);

}  // namespace hilum
