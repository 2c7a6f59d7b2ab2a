// The endpoint of a language model in the manner of OpenAI's chat completions, as the hook that `hilum curate
// --rewrite` asks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/options.h"
#include "datasets/curation/rewrite.h"

namespace hilum {

struct RewriteEndpoint {
  std::string url;  // "http://127.0.0.1:8000/v1"; POST url/chat/completions
  std::string model;
  std::string key = "";                   // sent as Authorization: Bearer; empty: none
  bool remote = false;                    // a host other than this machine is allowed
  int tries = 5;                          // of one question: after 429, 5xx and connections that fail
  double backoff_s = 1;                   // before the second try, doubled each time, where the endpoint says nothing
  double most_wait_s = 60;                // whatever the endpoint's Retry-After asks for
  double connect_s = 10, answer_s = 300;  // answer_s: until a byte comes, and for the whole answer once it comes
  size_t answer_bytes = 1 << 20;
};

// Asks with temperature 0. Throws Error for an address that is none, and for a host other than localhost, 127.0.0.0/8
// and [::1] without `remote`. The hook's errors name states and counts, never a text. Redirects are not followed: they
// could lead off the machine.
RewriteHook rewrite_hook(RewriteEndpoint endpoint);

// From --rewrite and what belongs to it; warns on stderr that report text leaves the process. None without --rewrite;
// then the others are refused.
std::optional<RewriteHook> rewrite_hook_from(const OptionValues& options);

// Seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3) seen from `now` (seconds since 1970);
// negative where it is neither.
double retry_after_s(const std::string& header, double now);

}  // namespace hilum
