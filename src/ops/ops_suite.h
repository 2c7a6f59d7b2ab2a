// One suite for every backend: each call of ops.h against its formula in double precision, ragged batches against one
// sequence at a time, cached decoding against the whole pass. A backend's test includes this once and instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Cpu, OpsSuite, testing::Values(OpsCase{"portable", [] { return make_cpu_ops(...); }}),
//   OpsCase::label);
#pragma once

#include "ops/ops_attention_suite.h"
#include "ops/ops_values_suite.h"
