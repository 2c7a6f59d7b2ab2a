#include "report/grounded_stream.h"

#include <algorithm>

#include "report/whitespace.h"

namespace hilum {

GroundedStream::GroundedStream(GroundedGrammar grammar) : grammar_(std::move(grammar)), readable_(grammar_) {
  check_grammar(grammar_);
}

bool GroundedStream::find_next(const std::string& token, size_t& at) {
  at = text_.find(token, looked_);
  if (at != std::string::npos) return true;
  if (text_.size() >= token.size()) looked_ = std::max(looked_, text_.size() - token.size() + 1);
  return false;
}

void GroundedStream::note(const std::string& trouble) {
  if (trouble_.empty()) trouble_ = trouble;
}

GroundedStream::News GroundedStream::push(std::string_view piece) {
  News news{.readable = readable_.push(piece)};
  if (!has_tokens_) {
    const size_t longest = std::max({grammar_.finding_open.size(), grammar_.finding_close.size(),
        grammar_.box_open.size(), grammar_.box_close.size()});
    const size_t from = text_.size() - std::min(text_.size(), longest - 1);
    text_ += piece;
    for (const std::string* token :
        {&grammar_.finding_open, &grammar_.finding_close, &grammar_.box_open, &grammar_.box_close})
      has_tokens_ = has_tokens_ || text_.find(*token, from) != std::string::npos;
  } else {
    text_ += piece;
  }
  for (size_t at = 0;;) {
    if (!open_) {
      if (!find_next(grammar_.finding_open, at)) return news;
      const std::string_view before = std::string_view(text_).substr(outside_, at - outside_);
      // blanks before the first finding do not count
      if (!(read_.findings.empty() ? trim_left(before) : before).empty())
        note("text outside " + grammar_.finding_open + " ... " + grammar_.finding_close);
      open_ = true;
      begin_ = at;
      looked_ = at + grammar_.finding_open.size();
    }
    if (!find_next(grammar_.finding_close, at)) return news;
    const size_t inner = begin_ + grammar_.finding_open.size();
    news.findings.push_back(parse_finding(std::string_view(text_).substr(inner, at - inner), grammar_, flaws_));
    open_ = false;
    looked_ = outside_ = at + grammar_.finding_close.size();
    read_.findings.push_back(news.findings.back());
    read_.spans.push_back({begin_, outside_});
  }
}

GroundedText GroundedStream::finish(Mode mode) {
  const std::string_view text = trim(text_);
  if (!has_tokens_) {
    read_.plain = std::string(text);
    return std::move(read_);
  }
  if (open_) {
    note("no " + grammar_.finding_close + " after the last " + grammar_.finding_open);
  } else {
    const std::string_view rest = std::string_view(text_).substr(outside_);
    if (!trim(rest).empty()) note("text outside " + grammar_.finding_open + " ... " + grammar_.finding_close);
  }
  std::vector<std::string> flaws;
  if (!trouble_.empty()) flaws.push_back(trouble_ + "; what is outside complete findings was dropped");
  flaws.insert(flaws.end(), flaws_.begin(), flaws_.end());
  read_.warnings = judge_flaws(flaws, mode);
  return std::move(read_);
}

}  // namespace hilum
