// ROUGE, BLEU and the stemmer against the evaluation sheet's worked values (section 4).
#include <gtest/gtest.h>

#include "eval/text/bleu.h"
#include "eval/text/ngrams.h"
#include "eval/text/porter_stemmer.h"
#include "eval/text/rouge.h"

namespace hilum {
namespace {

struct Pair {
  const char *reference, *hypothesis;
};
const Pair kPairs[] = {{"The heart is normal in size. The lungs are clear.", "Heart size is normal. Lungs are clear."},
    {"Small left pleural effusions with adjacent opacity. No pneumothorax.",
        "There is a small left-sided pleural effusion with adjacent opacities."},
    {"Stable cardiomegaly.\nMild pulmonary edema.\nNo effusions.",
        "Mild pulmonary edema.\nStably enlarged heart, stable cardiomegaly."},
    {"ET tube tip 4.5 cm above the carina.", "Endotracheal tube tip is 4.5 cm above carina"}};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) (text += text.empty() ? "" : " ") += word;
  return text;
}

template <typename Words>
BleuCounts corpus(const Words& words) {
  BleuCounts counts;
  for (const Pair& pair : kPairs) counts += bleu_counts(words(pair.reference), words(pair.hypothesis));
  return counts;
}

TEST(Rouge, SheetsPairsWithoutStemming) {
  const double expected[4][4] = {{.823529412, .4, .705882353, .705882353}, {.5, .222222222, .5, .5},
      {.666666667, .461538462, .4, .666666667}, {.777777778, .5, .777777778, .777777778}};
  for (size_t i = 0; i < 4; ++i) {
    const RougeScores scores = rouge(kPairs[i].reference, kPairs[i].hypothesis);
    EXPECT_NEAR(scores.rouge1.f1, expected[i][0], 1e-8);
    EXPECT_NEAR(scores.rouge2.f1, expected[i][1], 1e-8);
    EXPECT_NEAR(scores.rouge_l.f1, expected[i][2], 1e-8);
    EXPECT_NEAR(scores.rouge_lsum.f1, expected[i][3], 1e-8);
  }
  const RougeScores first = rouge(kPairs[0].reference, kPairs[0].hypothesis);
  EXPECT_NEAR(first.rouge1.precision, 1, 1e-8);
  EXPECT_NEAR(first.rouge1.recall, .7, 1e-8);
  EXPECT_NEAR(first.rouge_l.precision, .857142857, 1e-8);
}

TEST(Rouge, StemmingLiftsTheMeansToTheSheets) {
  double means[4] = {};
  for (const Pair& pair : kPairs) {
    const RougeScores scores = rouge(pair.reference, pair.hypothesis, true);
    const double values[] = {scores.rouge1.f1, scores.rouge2.f1, scores.rouge_l.f1, scores.rouge_lsum.f1};
    for (size_t i = 0; i < 4; ++i) means[i] += values[i] / 4;
  }
  const double expected[] = {.741993464, .479273505, .645915033, .712581699};
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(means[i], expected[i], 1e-8);
}

TEST(Rouge, EmptyTextsScoreZero) {
  EXPECT_EQ(rouge("", "").rouge1.f1, 0);
  EXPECT_EQ(rouge("a", "").rouge_lsum.f1, 0);
  EXPECT_EQ(rouge("", "a").rouge_l.f1, 0);
  EXPECT_EQ(coco_rouge_l("", "a"), 0);
}

TEST(Rouge, CocoFormOfTheSheet) {
  const double expected[] = {.742770167, .454545455, .5, .777777778};
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(coco_rouge_l(clean_r2gen(kPairs[i].reference), clean_r2gen(kPairs[i].hypothesis)), expected[i], 1e-8);
}

TEST(PorterStemmer, SheetsSamples) {
  const Pair words[] = {{"effusions", "effus"}, {"opacities", "opac"}, {"atelectasis", "atelectasi"},
      {"enlarged", "enlarg"}, {"stably", "stabli"}, {"silhouette", "silhouett"}, {"studies", "studi"},
      {"possibly", "possibl"}, {"acutely", "acut"}, {"likely", "like"}, {"minimally", "minim"},
      {"calcified", "calcifi"}, {"scarring", "scar"}, {"vascularity", "vascular"}, {"radiology", "radiolog"},
      {"lies", "lie"}, {"dying", "die"}, {"skies", "sky"}, {"says", "say"}, {"was", "wa"}, {"by", "by"}};
  for (const Pair& word : words) EXPECT_EQ(porter_stem(word.reference), word.hypothesis);
}

TEST(Bleu, CocoOnRawAndOnCleanedText) {
  const BleuCounts raw = corpus([](const char* text) { return split_words(text); });
  EXPECT_EQ(raw.matches, (std::array<int64_t, 4>{15, 7, 2, 0}));
  EXPECT_EQ(raw.totals, (std::array<int64_t, 4>{33, 29, 25, 21}));
  const double expected_raw[] = {.440977956, .321349954, .200122235, .000024668};
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(bleu_coco(raw)[n], expected_raw[n], 1e-8);
  const BleuCounts cleaned = corpus([](const char* text) { return split_words(clean_r2gen(text)); });
  EXPECT_EQ(cleaned.matches, (std::array<int64_t, 4>{28, 14, 6, 2}));
  EXPECT_EQ(cleaned.hypothesis_words, 39);
  EXPECT_EQ(cleaned.reference_words, 42);
  const double expected_cleaned[] = {.664792569, .496214488, .353378717, .234555182};
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(bleu_coco(cleaned)[n], expected_cleaned[n], 1e-8);
}

// Values by a transcription of the rules of R2Gen's modules/tokenizers.py into Python's own replace, re.sub and split.
TEST(Bleu, R2GenCleaningFollowsItsOwnCode) {
  const Pair samples[] = {{"1. Clear. 2. Effusion at T11. No edema.", "clear . effusion at t1no edema ."},
      {"Spine 3. Lungs clear . ", "spine . lungs clear  ."},
      {"Heart (size) : normal. . Clear.", "heart size  normal .  . clear ."},
      {"11. ribs - old.. 6. New.", "1ribs - old . 6 . new ."}, {"  ", " ."}, {"...", " ."}};
  for (const Pair& sample : samples) EXPECT_EQ(clean_r2gen(sample.reference), sample.hypothesis);
}

// Values by the tokenizer's patterns in Python's re.sub.
TEST(Bleu, Tokenizer13aSubstitutesWithoutOverlap) {
  const Pair samples[] = {{"opacity..5 cm", "opacity . .5 cm"}, {"a,.5,b", "a , .5 , b"},
      {"well-\nknown 3-4-5 x", "wellknown 3 - 4 - 5 x"}, {"a\u00a0b\u2003c\u2028d", "a b c d"},
      {"1.5..2,,3.", "1.5 . . 2 , , 3 ."}, {"(3).,x", "( 3 ) . , x"}};
  for (const Pair& sample : samples) EXPECT_EQ(joined(words_13a(sample.reference)), sample.hypothesis);
}

TEST(Bleu, SacreAndHfOnTheSheetsPairs) {
  const BleuCounts counts = corpus([](const char* text) { return words_13a(text); });
  const SacreBleu bleu = bleu_sacre(counts);
  EXPECT_NEAR(bleu.score, 15.974355050, 1e-8);
  EXPECT_NEAR(bleu.brevity, .925961079, 1e-8);
  EXPECT_NEAR(bleu.precisions[3], 3.703703704, 1e-8);
  EXPECT_NEAR(bleu_hf(counts), .159743551, 1e-8);
}

TEST(Bleu, SacreSmoothsZeroCounts) {
  const auto score = [](const char* hypothesis, const char* reference) {
    return bleu_sacre(bleu_counts(words_13a(reference), words_13a(hypothesis)));
  };
  const SacreBleu small = score("effusion is small now", "there is no pneumothorax or small pleural effusion");
  EXPECT_NEAR(small.score, 7.733712583, 1e-8);
  const double precisions[] = {75, 16.666666667, 12.5, 12.5};
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(small.precisions[n], precisions[n], 1e-8);
  EXPECT_EQ(score("no pneumothorax", "there is no pneumothorax or pleural effusion").score, 0);  // no 3-grams
  EXPECT_EQ(score("edema", "effusion").score, 0);
  EXPECT_EQ(score("", "effusion").score, 0);
}

TEST(Bleu, Tokenizer13aSplitsAsTheSheetSays) {
  const Pair samples[] = {{"4.5 cm above the carina, stable.", "4.5 cm above the carina , stable ."},
      {"10-15% pneumothorax", "10 - 15 % pneumothorax"}, {"T12/L1 &amp; ribs", "T12 / L1 & ribs"},
      {"___ year old", "_ _ _ year old"}, {"left-sided", "left-sided"}, {"patient's", "patient's"},
      {"3.2x4,000", "3.2x4,000"}, {"1. No change; 2. ET tube.", "1 . No change ; 2 . ET tube ."}};
  for (const Pair& sample : samples) EXPECT_EQ(joined(words_13a(sample.reference)), sample.hypothesis);
}

}  // namespace
}  // namespace hilum
