#include "serve/request_error.h"

namespace hilum {

RequestError request_error(const BatchError& error) {
  switch (error.kind()) {
    case BatchError::Kind::kQueueFull: return RequestError(429, error, "queue_full");
    case BatchError::Kind::kTimedOut: return RequestError(408, error);
    case BatchError::Kind::kCancelled: return RequestError(499, error);
    case BatchError::Kind::kDoesNotFit: return RequestError(400, error);
  }
  throw std::logic_error("a kind of BatchError");
}

}  // namespace hilum
