#include "serve/wire/text_form.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "serve/wire/reply.h"
#include "serve/wire/text_pattern.h"

namespace hilum {

// The automaton by derivatives (Brzozowski 1964): a state is what the rest of the text must be, as an expression with
// "and" and "not", which look-ahead and lengths are; the derivative by a character is what the rest after it must be.
class FormBuilder {
 public:
  explicit FormBuilder(std::string where) : where_(std::move(where)) {
    none_ = make({.kind = Kind::kNone});
    empty_ = make({.kind = Kind::kEmpty, .may_end = true});
    any_ = repeat(set(all_characters()), 0, TextForm::kNoLimit);
  }

  int of_pattern(std::string_view text) {
    const PatternNode pattern = read_pattern(text, where_);
    const int at_start = convert(pattern, any_, true), later = convert(pattern, any_, false);
    return either({at_start, concat(repeat(set(all_characters()), 1, TextForm::kNoLimit), later)});
  }
  int of_text(std::string_view text) {
    std::string quoted = "^";
    for (const char c : text) {
      if (static_cast<unsigned char>(c) < 0x80 && !std::isalnum(static_cast<unsigned char>(c)) && c > ' ')
        quoted += '\\';
      quoted += c;
    }
    return of_pattern(quoted + "$");
  }
  int lengths(uint32_t low, uint32_t high) { return repeat(set(all_characters()), low, high); }
  int both(std::vector<int> parts) { return join(Kind::kAnd, std::move(parts)); }
  int either(std::vector<int> parts) { return join(Kind::kOr, std::move(parts)); }

  TextForm build(int root) {
    split_alphabet();
    std::map<int, uint32_t> numbers{{root, 0}};
    std::vector<int> order{root};
    std::vector<std::vector<uint32_t>> next;  // [state][class]
    for (size_t i = 0; i < order.size(); ++i) {
      auto& row = next.emplace_back();
      for (const char32_t sample : samples_) {
        const int rest = derive(order[i], sample);
        const auto [at, is_new] = numbers.emplace(rest, static_cast<uint32_t>(order.size()));
        if (is_new) order.push_back(rest);
        row.push_back(at->second);
      }
      if (order.size() > kMaxStates) too_large();
    }
    return trimmed(order, next);
  }

 private:
  enum class Kind : uint8_t { kNone, kEmpty, kSet, kConcat, kRepeat, kOr, kAnd, kNot };
  struct Node {
    Kind kind = Kind::kNone;
    std::vector<int> parts;
    uint32_t low = 0, high = 0;  // kRepeat; of kSet, low is its place in sets_
    bool may_end = false;
  };
  static constexpr size_t kMaxStates = 3000, kMaxNodes = 60'000, kMaxWork = 600'000;

  [[noreturn]] void too_large() const {
    throw RequestError(
        400, where_, "is a form of too many states", "Use shorter repetitions or lengths.", "form_too_large");
  }

  int make(Node node) {
    const auto key = std::make_tuple(node.kind, node.parts, node.low, node.high);
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    if (nodes_.size() >= kMaxNodes) too_large();
    nodes_.push_back(std::move(node));
    return known_[key] = static_cast<int>(nodes_.size()) - 1;
  }
  const Node& at(int node) const { return nodes_[static_cast<size_t>(node)]; }

  int set(const CharacterRanges& ranges) {
    if (ranges.empty()) return none_;
    const auto found = std::find(sets_.begin(), sets_.end(), ranges);
    const auto place = static_cast<uint32_t>(found - sets_.begin());
    if (found == sets_.end()) sets_.push_back(ranges);
    return make({.kind = Kind::kSet, .parts = {}, .low = place});
  }
  int concat(int first, int rest) {
    if (first == none_ || rest == none_) return none_;
    if (first == empty_) return rest;
    if (rest == empty_) return first;
    if (at(first).kind == Kind::kConcat) return concat(at(first).parts[0], concat(at(first).parts[1], rest));
    return make({.kind = Kind::kConcat, .parts = {first, rest}, .may_end = at(first).may_end && at(rest).may_end});
  }
  int repeat(int one, uint32_t low, uint32_t high) {
    if (high == 0 || one == empty_) return empty_;
    if (one == none_) return low == 0 ? empty_ : none_;
    if (low == 1 && high == 1) return one;
    return make(
        {.kind = Kind::kRepeat, .parts = {one}, .low = low, .high = high, .may_end = low == 0 || at(one).may_end});
  }
  int negate(int part) {
    if (at(part).kind == Kind::kNot) return at(part).parts[0];
    return make({.kind = Kind::kNot, .parts = {part}, .may_end = !at(part).may_end});
  }
  int join(Kind kind, std::vector<int> parts) {
    const bool is_or = kind == Kind::kOr;
    std::vector<int> flat;
    for (const int part : parts)
      if (at(part).kind == kind) flat.insert(flat.end(), at(part).parts.begin(), at(part).parts.end());
      else flat.push_back(part);
    std::sort(flat.begin(), flat.end());
    flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
    const int neutral = is_or ? none_ : any_, absorbing = is_or ? any_ : none_;
    std::erase(flat, neutral);
    if (std::find(flat.begin(), flat.end(), absorbing) != flat.end()) return absorbing;
    if (flat.empty()) return neutral;
    if (flat.size() == 1) return flat[0];
    const auto may_end = [&](int part) { return at(part).may_end; };
    const bool ends =
        is_or ? std::any_of(flat.begin(), flat.end(), may_end) : std::all_of(flat.begin(), flat.end(), may_end);
    return make({.kind = kind, .parts = std::move(flat), .may_end = ends});
  }

  // The pattern and what comes behind it.
  int convert(const PatternNode& node, int rest, bool at_start) {
    using K = PatternNode::Kind;
    switch (node.kind) {
      case K::kSet: return concat(set(node.set), rest);
      case K::kStart: return at_start ? rest : none_;
      case K::kEnd: return at(rest).may_end ? empty_ : none_;
      case K::kAhead: return both({convert(node.parts[0], any_, at_start), rest});
      case K::kNotAhead: return both({negate(convert(node.parts[0], any_, at_start)), rest});
      case K::kEither: {
        std::vector<int> parts;
        for (const PatternNode& part : node.parts) parts.push_back(convert(part, rest, at_start));
        return either(std::move(parts));
      }
      case K::kSequence: {
        size_t zero_width = 0;  // parts before which the text's start still is
        while (zero_width < node.parts.size() && node.parts[zero_width].kind >= K::kStart) ++zero_width;
        for (size_t i = node.parts.size(); i-- > 0;) rest = convert(node.parts[i], rest, at_start && i <= zero_width);
        return rest;
      }
      case K::kRepeat: break;
    }
    const PatternNode& one = node.parts[0];
    if (!one.has_position()) return concat(repeat(convert(one, empty_, false), node.low, node.high), rest);
    if (node.high != 1)
      throw RequestError(400, where_, "repeats an anchor or a look-ahead, which is not read",
          "Put it outside the repetition.", "unsupported_pattern");
    return either({convert(one, rest, at_start), rest});
  }

  int derive(int node, char32_t c) {
    const auto key = std::make_pair(node, c);
    if (const auto found = derived_.find(key); found != derived_.end()) return found->second;
    if (++work_ > kMaxWork) too_large();
    const Node from = at(node);  // a copy: the list grows
    int result = none_;
    switch (from.kind) {
      case Kind::kNone:
      case Kind::kEmpty: break;
      case Kind::kSet:
        for (const auto& [low, high] : sets_[from.low])
          if (c >= low && c <= high) result = empty_;
        break;
      case Kind::kConcat: {
        const int first = concat(derive(from.parts[0], c), from.parts[1]);
        result = at(from.parts[0]).may_end ? either({first, derive(from.parts[1], c)}) : first;
        break;
      }
      case Kind::kRepeat:
        result = concat(derive(from.parts[0], c), repeat(from.parts[0], from.low > 0 ? from.low - 1 : 0,
                                                      from.high == TextForm::kNoLimit ? from.high : from.high - 1));
        break;
      case Kind::kNot: result = negate(derive(from.parts[0], c)); break;
      case Kind::kOr:
      case Kind::kAnd: {
        std::vector<int> parts;
        for (const int part : from.parts) parts.push_back(derive(part, c));
        result = join(from.kind, std::move(parts));
        break;
      }
    }
    return derived_[key] = result;
  }

  // Characters that no set tells apart are one class, with a sample.
  void split_alphabet() {
    std::vector<char32_t> cuts;
    for (const CharacterRanges& ranges : sets_)
      for (const auto& [low, high] : ranges) {
        cuts.push_back(low);
        cuts.push_back(high + 1);
      }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    std::map<std::vector<bool>, size_t> classes;
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      std::vector<bool> members;
      for (const CharacterRanges& ranges : sets_)
        members.push_back(std::any_of(ranges.begin(), ranges.end(),
            [&](const auto& range) { return cuts[i] >= range.first && cuts[i] <= range.second; }));
      if (std::none_of(members.begin(), members.end(), [](bool is_in) { return is_in; })) continue;
      const auto [at, is_new] = classes.emplace(members, samples_.size());
      if (is_new) samples_.push_back(cuts[i]);
      pieces_.push_back({cuts[i], cuts[i + 1] - 1, at->second});
    }
  }

  // Without the states from which no end can be reached.
  TextForm trimmed(const std::vector<int>& order, const std::vector<std::vector<uint32_t>>& next) {
    std::vector<std::vector<uint32_t>> before(order.size());
    std::vector<uint32_t> reach;
    std::vector<bool> lives(order.size());
    for (uint32_t i = 0; i < order.size(); ++i) {
      for (const uint32_t to : next[i]) before[to].push_back(i);
      lives[i] = at(order[i]).may_end;
      if (lives[i]) reach.push_back(i);
    }
    for (size_t i = 0; i < reach.size(); ++i)
      for (const uint32_t from : before[reach[i]])
        if (!lives[from]) {
          lives[from] = true;
          reach.push_back(from);
        }
    if (!lives[0]) throw RequestError(400, where_, "is a form that no text has", "", "unsupported_schema");
    TextForm form;
    form.states_.resize(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
      form.states_[i].may_end = at(order[i]).may_end;
      for (const auto& [low, high, place] : pieces_) {
        const uint32_t to = next[i][place];
        if (!lives[to]) continue;
        auto& steps = form.states_[i].next;
        if (!steps.empty() && steps.back().high + 1 == low && steps.back().state == to) steps.back().high = high;
        else steps.push_back({low, high, to});
      }
    }
    return form;
  }

  struct Piece {
    char32_t low, high;
    size_t of_class;
  };
  std::string where_;
  std::vector<Node> nodes_;
  std::map<std::tuple<Kind, std::vector<int>, uint32_t, uint32_t>, int> known_;
  std::map<std::pair<int, char32_t>, int> derived_;
  std::vector<CharacterRanges> sets_;
  std::vector<char32_t> samples_;  // of each class
  std::vector<Piece> pieces_;
  size_t work_ = 0;
  int none_ = 0, empty_ = 0, any_ = 0;
};

TextForm TextForm::of(const Wanted& wanted, const std::string& where) {
  FormBuilder builder(where);
  std::vector<int> parts{builder.lengths(wanted.min_length, wanted.max_length)};
  for (const std::string& pattern : wanted.patterns) parts.push_back(builder.of_pattern(pattern));
  return builder.build(builder.both(std::move(parts)));
}

TextForm TextForm::choices(const std::vector<std::string>& texts, const std::string& where) {
  FormBuilder builder(where);
  std::vector<int> parts;
  for (const std::string& text : texts) parts.push_back(builder.of_text(text));
  return builder.build(builder.either(std::move(parts)));
}

bool TextForm::any_of(uint32_t state, char32_t low, char32_t high) const {
  return std::any_of(states_[state].next.begin(), states_[state].next.end(),
      [&](const Step& step) { return step.low <= high && low <= step.high; });
}

bool TextForm::take_character(Cursor& at, char32_t character) const {
  for (const Step& step : states_[at.state].next)
    if (character >= step.low && character <= step.high) {
      at = {.state = step.state};
      return true;
    }
  return false;
}

bool TextForm::take_byte(Cursor& at, uint8_t byte) const {
  if (at.left == 0) {
    if (byte < 0x80) return take_character(at, byte);
    if (byte < 0xc2 || byte > 0xf4) return false;
    Cursor next = at;
    next.left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    next.begun = byte & (0x3f >> next.left);
    next.smallest = next.left == 1 ? 0x80 : next.left == 2 ? 0x800 : 0x10000;
    const char32_t low = next.begun << (6 * next.left), high = low + (char32_t{1} << (6 * next.left)) - 1;
    if (!any_of(at.state, std::max(low, next.smallest), high)) return false;
    at = next;
    return true;
  }
  if ((byte & 0xc0) != 0x80) return false;
  Cursor next = at;
  next.begun = at.begun << 6 | (byte & 0x3f);
  --next.left;
  const char32_t low = next.begun << (6 * next.left), high = low + (char32_t{1} << (6 * next.left)) - 1;
  if (high < next.smallest || !any_of(at.state, std::max(low, next.smallest), high)) return false;
  if (next.left == 0) return take_character(at, next.begun);
  at = next;
  return true;
}

bool TextForm::matches(std::string_view text) const {
  Cursor at;
  return std::all_of(text.begin(), text.end(), [&](char c) { return take_byte(at, static_cast<uint8_t>(c)); }) &&
         may_end(at);
}

std::string pattern_of_format(std::string_view format) {
  static const std::string date =
      R"((?:(?:[12]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])))|(?:[12]\d(?:0[48]|[2468][048]|[13579][26])|(?:2[048]|1[26])00)-02-29))";
  static const std::string zone = R"((?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))";
  static const std::string time = R"((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?)";
  static const std::string byte = R"((?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d))", ipv4 = "(?:" + byte + "\\.){3}" + byte;
  static const std::string label = R"([A-Za-z0-9](?:[A-Za-z0-9-]{0,59}[A-Za-z0-9])?)";
  static const std::string hostname = label + "(?:\\." + label + "){0,3}";
  static const std::string h = "[0-9a-fA-F]{1,4}";
  static const std::string ipv6 = "(?:(?:" + h + ":){7}" + h + "|(?:" + h + ":){1,7}:|(?:" + h + ":){1,6}:" + h +
                                  "|(?:" + h + ":){1,5}(?::" + h + "){1,2}|(?:" + h + ":){1,4}(?::" + h +
                                  "){1,3}|(?:" + h + ":){1,3}(?::" + h + "){1,4}|(?:" + h + ":){1,2}(?::" + h +
                                  "){1,5}|" + h + ":(?::" + h + "){1,6}|:(?::" + h + "){1,7}|::)";
  // RFC 3339 (and its grammar of durations), RFC 5321 (names without quotes, and shorter), RFC 1123, RFC 4291, RFC
  // 9562, RFC 3986. Each is bounded, so that an answer ends, and holds what common readers take: years from 1000 to
  // 2999, microseconds.
  static const std::vector<std::pair<std::string, std::string>> all = {{"date", date}, {"time", time + zone},
      {"date-time", date + "T" + time + zone},
      {"duration",
          R"(P(?:\d{1,9}W|(?=[\dT])(?:\d{1,9}Y)?(?:\d{1,9}M)?(?:\d{1,9}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}S)?)?))"},
      {"email",
          R"([A-Za-z0-9_+-]{1,32}(?:\.[A-Za-z0-9_+-]{1,30}){0,1}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?\.){1,4}[A-Za-z]{2,24})"},
      {"hostname", hostname}, {"ipv4", ipv4}, {"ipv6", ipv6},
      {"uuid", "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"},
      {"uri", R"([A-Za-z][A-Za-z0-9+.-]{0,15}:(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}){1,500})"}};
  for (const auto& [name, pattern] : all)
    if (name == format) return "^(?:" + pattern + ")$";
  return "";
}

}  // namespace hilum
