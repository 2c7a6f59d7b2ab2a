// Names of assistants in texts that a language model is tuned on.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

// The text without "ChatDoctor" ("Chat Doctor", "chat-doctor", in any case) and without the preposition that goes with
// it: "Welcome to Chat Doctor. What hurts?" is "Welcome. What hurts?". All else stays as it is. `found` becomes how
// many times the name was there. XrayGPT's authors took it out of the dialogues of that name; by which rule is not
// published.
std::string without_chatdoctor(std::string_view text, int& found);

}  // namespace hilum
