// The one place where what went wrong in the engine's queue becomes an HTTP status.
#pragma once

#include "engine/batch/batch_error.h"
#include "serve/wire/reply.h"

namespace hilum {

// 429 "queue_full", 408, 499 (the client has left: nobody reads it), 400; the text stays.
RequestError request_error(const BatchError& error);

// act(), with a BatchError as the RequestError it becomes.
template <typename Act>
auto with_request_errors(const Act& act) {
  try {
    return act();
  } catch (const BatchError& error) {
    throw request_error(error);
  }
}

}  // namespace hilum
