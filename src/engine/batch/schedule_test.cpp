// Worked examples: every plan is written out.
#include "engine/batch/schedule.h"

#include <gmock/gmock.h>

namespace hilum {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Scheduled : testing::Test {
  TurnSchedule schedule{{.slots = 2, .waiting = 2, .prefill_chunk = 10, .prefill_chunk_idle = 40}};
  void ready(uint64_t id, double deadline = 100) {
    ASSERT_TRUE(schedule.offer(id, deadline)) << id;
    schedule.encoded(id);
  }
};

TEST_F(Scheduled, NothingToDoIsIdle) {
  EXPECT_TRUE(schedule.next(0).idle());
  ASSERT_TRUE(schedule.offer(1, 100));
  EXPECT_TRUE(schedule.next(0).idle());  // its pictures are not ready
  EXPECT_EQ(schedule.waiting(), 1);
}

TEST_F(Scheduled, OneRequestFromOfferToEnd) {
  ready(1);
  SchedulePlan plan = schedule.next(0);
  EXPECT_THAT(plan.admitted, ElementsAre(1));
  EXPECT_EQ(plan.prefill, 1u);
  EXPECT_EQ(plan.rows, 40);  // nobody else is held up
  EXPECT_FALSE(plan.step);
  plan = schedule.next(1);  // a second chunk of the same prompt
  EXPECT_THAT(plan.admitted, IsEmpty());
  EXPECT_EQ(plan.prefill, 1u);
  schedule.prompt_done(1);
  plan = schedule.next(2);
  EXPECT_FALSE(plan.prefill.has_value());
  EXPECT_TRUE(plan.step);
  schedule.remove(1);
  EXPECT_TRUE(schedule.next(3).idle());
}

TEST_F(Scheduled, ChunksOfPromptsTakeTurnsAndOthersStepBetween) {
  ready(1);
  ready(2);
  SchedulePlan plan = schedule.next(0);
  EXPECT_THAT(plan.admitted, ElementsAre(1, 2));
  EXPECT_EQ(plan.prefill, 1u);
  plan = schedule.next(0);
  EXPECT_EQ(plan.prefill, 2u);  // the second does not wait for the whole of the first
  EXPECT_EQ(plan.rows, 40);
  schedule.prompt_done(2);  // a short one
  plan = schedule.next(0);
  EXPECT_EQ(plan.prefill, 1u);
  EXPECT_EQ(plan.rows, 10);  // the second decodes meanwhile
  EXPECT_TRUE(plan.step);
}

TEST_F(Scheduled, SlotsGoByArrivalAmongThoseWhosePicturesAreReady) {
  ASSERT_TRUE(schedule.offer(1, 100));  // slow pictures
  ready(2);
  ready(3);
  ASSERT_TRUE(schedule.offer(4, 100));
  SchedulePlan plan = schedule.next(0);
  EXPECT_THAT(plan.admitted, ElementsAre(2, 3));
  schedule.encoded(1);
  schedule.encoded(4);
  EXPECT_THAT(schedule.next(0).admitted, IsEmpty());
  schedule.remove(3);
  EXPECT_THAT(schedule.next(0).admitted, ElementsAre(1));
  schedule.remove(2);
  EXPECT_THAT(schedule.next(0).admitted, ElementsAre(4));
}

TEST_F(Scheduled, AFullQueueRefuses) {
  for (uint64_t id = 1; id <= 4; ++id) EXPECT_TRUE(schedule.offer(id, 100));  // two for the free slots, two to wait
  EXPECT_FALSE(schedule.offer(5, 100));
  schedule.encoded(1);
  schedule.next(0);  // 1 has its slot: 2, 3, 4 wait, one of them for the other slot
  EXPECT_FALSE(schedule.offer(5, 100));
  schedule.remove(1);
  EXPECT_TRUE(schedule.offer(5, 100));
  EXPECT_EQ(schedule.waiting(), 4);
}

TEST_F(Scheduled, TimeRunsOutWhereverARequestStands) {
  ready(1, 10);
  schedule.next(0);
  schedule.prompt_done(1);
  ASSERT_TRUE(schedule.offer(2, 5));
  ready(3, 20);
  EXPECT_EQ(schedule.next_deadline(), 5.0);
  SchedulePlan plan = schedule.next(5);
  EXPECT_THAT(plan.expired, ElementsAre(2));
  EXPECT_THAT(plan.admitted, ElementsAre(3));
  EXPECT_TRUE(plan.step);
  plan = schedule.next(10);
  EXPECT_THAT(plan.expired, ElementsAre(1));
  EXPECT_FALSE(plan.step);
  EXPECT_EQ(plan.prefill, 3u);
  EXPECT_EQ(plan.rows, 40);
}

TEST_F(Scheduled, WhoLeavesMakesRoom) {
  ready(1);
  ready(2);
  ready(3);
  EXPECT_THAT(schedule.next(0).admitted, ElementsAre(1, 2));
  schedule.remove(1);  // in the middle of its prompt
  const SchedulePlan plan = schedule.next(0);
  EXPECT_THAT(plan.admitted, ElementsAre(3));
  EXPECT_EQ(plan.prefill, 2u);
  schedule.encoded(1);  // news of one that has left changes nothing
  schedule.prompt_done(1);
  EXPECT_EQ(schedule.running(), 2);
}

TEST(FillingFirst, NoStepIsMadeWhileASlotCanStillBeFilled) {
  TurnSchedule schedule({.slots = 2, .waiting = 2, .prefill_chunk = 10, .prefill_chunk_idle = 40, .fill_first = true});
  ASSERT_TRUE(schedule.offer(1, 100));
  ASSERT_TRUE(schedule.offer(2, 100));
  schedule.encoded(1);
  SchedulePlan plan = schedule.next(0);
  EXPECT_THAT(plan.admitted, ElementsAre(1));
  EXPECT_EQ(plan.prefill, 1u);
  schedule.prompt_done(1);
  EXPECT_TRUE(schedule.next(0).idle());  // 2 is on its way to the other slot
  schedule.encoded(2);
  plan = schedule.next(0);
  EXPECT_THAT(plan.admitted, ElementsAre(2));
  EXPECT_EQ(plan.prefill, 2u);
  EXPECT_EQ(plan.rows, 40);  // nobody decodes meanwhile
  EXPECT_FALSE(plan.step);
  schedule.prompt_done(2);
  EXPECT_TRUE(schedule.next(0).step);  // both together
  ASSERT_TRUE(schedule.offer(3, 100));
  EXPECT_TRUE(schedule.next(0).step);  // there is no slot it could fill
  schedule.remove(1);
  EXPECT_TRUE(schedule.next(0).idle());
  schedule.remove(3);                  // its pictures could not be read
  EXPECT_TRUE(schedule.next(0).step);  // what is left goes on by itself
}

}  // namespace
}  // namespace hilum
