// Why a model's queue gave a request up. What a protocol calls it (an HTTP status) is the caller's.
#pragma once

#include "base/error.h"

namespace hilum {

class BatchError : public Error {
 public:
  enum class Kind {
    kQueueFull,   // no place: too many wait
    kTimedOut,    // its time was up before the last token
    kCancelled,   // nobody waits for it any more
    kDoesNotFit,  // prompt and answer are longer than a place in the cache
  };

  BatchError(Kind kind, std::string where, std::string problem, std::string mend = "")
      : Error(std::move(where), std::move(problem), std::move(mend)), kind_(kind) {}

  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace hilum
