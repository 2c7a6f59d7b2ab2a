#include "ops/trace/trace_ops.h"

#include "ops/check/check_ops.h"
#include "ops/refusal_suite.h"

namespace hilum {
namespace {

// A trace over ops/check that owns it.
class TraceOfCheck {
 public:
  static std::unique_ptr<Ops> make() {
    static CheckOps inner;
    return std::make_unique<TraceOps>(inner);
  }
};
INSTANTIATE_TEST_SUITE_P(
    Trace, RefusalSuite, testing::Values(RefusalCase{"check", TraceOfCheck::make}), RefusalCase::label);

}  // namespace
}  // namespace hilum
