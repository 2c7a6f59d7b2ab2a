#include "phantom/wording.h"

namespace hilum::phantom {
namespace {

using K = FindingKind;

const char* side_word(Side side) {
  return side == Side::kRight ? "right" : side == Side::kLeft ? "left" : side == Side::kBilateral ? "bilateral" : "";
}

// Below 0.38 the subtle range ends; between 0.66 and 0.78 nothing is drawn.
int grade(double severity) { return severity < 0.38 ? 0 : severity < 0.72 ? 1 : 2; }
std::string size_word(const FindingSpec& s) {
  return std::array{"small", "moderate", "large"}[static_cast<size_t>(grade(s.severity))];
}
std::string degree_word(const FindingSpec& s) {
  return std::array{"mild", "moderate", "severe"}[static_cast<size_t>(grade(s.severity))];
}

std::string lobe(const FindingSpec& s) {
  const std::string zone = s.zone == Zone::kUpper ? "upper" : s.zone == Zone::kMiddle ? "middle" : "lower";
  return std::string(side_word(s.side)) + " " + zone + " lobe";
}
std::string lung_third(const FindingSpec& s) {
  const std::string zone = s.zone == Zone::kUpper ? "upper" : s.zone == Zone::kMiddle ? "mid" : "lower";
  return std::string(side_word(s.side)) + " " + zone + " lung";
}

// What and where, without article and without size: "pleural effusion" with its side before it, "consolidation in the
// right upper lobe".
std::string plain(const FindingSpec& s) {
  const std::string side = side_word(s.side);
  switch (s.kind) {
    case K::kEffusion: return side + (s.side == Side::kBilateral ? " pleural effusions" : " pleural effusion");
    case K::kPneumothorax: return side + " pneumothorax";
    case K::kConsolidation:
      return s.lateral_only ? "consolidation behind the heart" : "consolidation in the " + lobe(s);
    case K::kAtelectasis: return "atelectasis at the " + side + " base";
    case K::kNodule: return "nodule in the " + lung_third(s);
    case K::kMass: return "mass in the " + lung_third(s);
    case K::kEdema: return "pulmonary edema";
    case K::kCardiomegaly: return "cardiomegaly";
    case K::kFracture: return side + " rib fracture";
    case K::kPacemaker: return side + " pacemaker";
    case K::kEndotrachealTube: return "endotracheal tube";
    case K::kCentralLine: return side + " central venous catheter";
    case K::kChestTube: return side + " chest tube";
    case K::kNasogastric: return "nasogastric tube";
  }
  return {};
}

std::string device_sentence(const FindingSpec& s, bool has_prior, Rng& rng) {
  const std::string name = plain(s);
  if (has_prior && s.change == Change::kNew) {
    if (rng.chance(0.5)) return "There is a new " + name + ".";
    return "A new " + name + " is in place.";
  }
  if (has_prior && s.change == Change::kUnchanged) {
    if (rng.chance(0.5)) return "The " + name + " is unchanged.";
    return "Unchanged " + name + ".";
  }
  const std::string article = name[0] == 'e' ? "an " : "a ";
  switch (rng.below(3)) {
    case 0: return "There is " + article + name + ".";
    case 1: return capital(article) + name + " is in place.";
    default:
      if (s.kind == K::kEndotrachealTube) return "An endotracheal tube ends above the carina.";
      if (s.kind == K::kCentralLine) return "A " + name + " ends in the superior vena cava.";
      if (s.kind == K::kNasogastric) return "A nasogastric tube ends in the stomach.";
      if (s.kind == K::kPacemaker) return "A " + name + " is seen with its leads.";
      return "A " + name + " is seen.";
  }
}

// A noun that is counted takes an article and a plural verb where bilateral.
bool is_counted(const FindingSpec& s) {
  return s.kind == K::kNodule || s.kind == K::kMass || s.kind == K::kFracture || s.kind == K::kPneumothorax ||
         (s.kind == K::kEffusion && s.side != Side::kBilateral);
}

std::string change_sentence(const FindingSpec& s, Rng& rng) {
  const std::string name = plain(s), has = s.side == Side::kBilateral && s.kind == K::kEffusion ? "have" : "has",
                    is = has == "have" ? "are" : "is",
                    subject = (is_counted(s) ? "The " : "") + (is_counted(s) ? name : capital(name));
  const std::string sized = short_name(s);
  switch (s.change) {
    case Change::kNew:
      if (rng.chance(0.5)) return "There " + is + (is_counted(s) ? " a" : "") + " new " + sized + ".";
      return "New " + sized + ".";
    case Change::kLarger: return subject + " " + has + (rng.chance(0.5) ? " increased." : " become larger.");
    case Change::kSmaller: return subject + " " + has + (rng.chance(0.5) ? " decreased." : " become smaller.");
    case Change::kResolved: return subject + " " + has + " resolved.";
    default:
      if (rng.chance(0.5) && s.kind != K::kCardiomegaly) return subject + " " + is + " unchanged.";
      return "Unchanged " + sized + ".";
  }
}

}  // namespace

std::string pick(Rng& rng, std::initializer_list<const char*> options) {
  return options.begin()[rng.below(static_cast<uint32_t>(options.size()))];
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string short_name(const FindingSpec& s) {
  if (s.lateral_only) return s.kind == K::kEffusion ? "small " + plain(s) : plain(s);
  switch (s.kind) {
    case K::kEffusion:
    case K::kPneumothorax: return size_word(s) + " " + plain(s);
    case K::kCardiomegaly:
    case K::kEdema: return degree_word(s) + " " + plain(s);
    case K::kConsolidation: return (s.subtle ? "faint " : grade(s.severity) == 2 ? "dense " : "") + plain(s);
    case K::kNodule: return (s.subtle ? "small " : "") + plain(s);
    case K::kMass: return (grade(s.severity) == 2 ? "large " : "") + plain(s);
    case K::kAtelectasis: return (s.subtle ? "mild " : "") + std::string("linear ") + plain(s);
    case K::kFracture: return (s.subtle ? "" : "displaced ") + plain(s);
    default: return plain(s);
  }
}

std::string wording_of(const FindingSpec& s, bool has_prior, Rng& rng) {
  if (is_device(s.kind)) return device_sentence(s, has_prior, rng);
  const std::string sized = short_name(s);
  const std::string is = s.side == Side::kBilateral && s.kind == K::kEffusion ? "are" : "is",
                    article = is_counted(s) ? "a " : "";
  if (s.lateral_only) return capital(article + sized) + " is seen on the lateral view.";
  if (has_prior && s.change != Change::kNone) return change_sentence(s, rng);
  if (s.kind == K::kCardiomegaly && rng.chance(0.4))
    return std::string("The heart is ") +
           std::array{"mildly", "moderately", "severely"}[static_cast<size_t>(grade(s.severity))] + " enlarged.";
  if (s.kind == K::kEdema && rng.chance(0.3)) return capital(sized) + " is present on both sides.";
  if (s.subtle && is_counted(s) && s.kind != K::kFracture && rng.chance(0.2)) return "There is likely a " + sized + ".";
  switch (rng.below(3)) {
    case 0: return "There " + is + " " + article + sized + ".";
    case 1: return capital(article + sized) + " " + is + " seen.";
    default: return capital(sized) + ".";
  }
}

}  // namespace hilum::phantom
