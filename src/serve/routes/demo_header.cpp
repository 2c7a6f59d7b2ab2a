#include "serve/routes/demo_header.h"

#include "report/report.h"

namespace hilum {

void add_demo_header(Reply& reply, const LiveModel& model, bool far_from_phantoms) {
  if (!model.demo()) return;
  add_header(reply, "X-Hilum-Demo", "true");
  if (far_from_phantoms) add_header(reply, "X-Hilum-Warning", kDemoWarning);
}

}  // namespace hilum
