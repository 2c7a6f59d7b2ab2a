// What the CheXpert-style rules look for: the 14 observations and the phrases that mention them (evaluation sheet 1.1
// and 1.3). The phrase lists are those of the published CheXpert labeler (arXiv 1901.07031) and some of ours; a phrase
// is searched as a substring, without word boundaries, as there; the phrases of devices must be words of their own
// (is_device_word).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// In the labeler's column order.
enum class Observation : uint8_t {
  kNoFinding,
  kEnlargedCardiomediastinum,
  kCardiomegaly,
  kLungLesion,
  kLungOpacity,
  kEdema,
  kConsolidation,
  kPneumonia,
  kAtelectasis,
  kPneumothorax,
  kPleuralEffusion,
  kPleuralOther,
  kFracture,
  kSupportDevices
};
inline constexpr int kNumObservations = 14;

inline constexpr std::array<std::string_view, kNumObservations> kObservationNames = {"No Finding",
    "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Lesion", "Lung Opacity", "Edema", "Consolidation", "Pneumonia",
    "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices"};

inline std::string_view observation_name(Observation observation) {
  return kObservationNames[static_cast<size_t>(observation)];
}

struct Phrase {
  Observation observation;
  std::string_view text;
};

// The published labeler's mention phrases. The phrases of No Finding never make a label; they keep No Finding from
// being set.
std::span<const Phrase> published_phrases();

// These, then ours: further phrases of No Finding, found by reading OpenI's reports of even uid.
std::span<const Phrase> mention_phrases();

// Is a device's phrase at [begin, end) of a sentence a word, its plural or the end of a compound ("microcatheter"), and
// not a part of another word ("outlines", "supportive", "endplate")? "Platelike" and "tuberculosis" count, as they do
// for the published labeler: with them its labels are compared.
bool is_device_word(std::string_view sentence, size_t begin, size_t end);

// Phrases whose overlap takes a mention of the same observation back, e.g. "massive" for "mass".
const std::vector<std::string>& unmention_phrases(Observation observation);

}  // namespace hilum
