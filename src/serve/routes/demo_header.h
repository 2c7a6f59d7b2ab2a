// What an answer of the demo model says of itself.
#pragma once

#include "serve/service.h"
#include "serve/wire/reply.h"

namespace hilum {

// X-Hilum-Demo of a demo model's answer, with the warning where a picture was unlike its phantoms.
void add_demo_header(Reply& reply, const LiveModel& model, bool far_from_phantoms);

}  // namespace hilum
