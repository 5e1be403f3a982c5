#include "CKernels.h"
#include "clones.h"

typedef int32_t i8 __attribute__((vector_size(32)));

THRUM_INLINE int32_t trues(const i8 *masks) {
  int32_t sum = 0;
  for (int32_t lane = 0; lane < 8; lane++) sum -= (*masks)[lane];
  return sum;
}

THRUM_INLINE void survey1(thrum_survey *s, float x) {
  s->minimum = x < s->minimum ? x : s->minimum;
  s->maximum = x > s->maximum ? x : s->maximum;
  s->not_finite += x - x != 0;
}

THRUM_CLONES
thrum_survey thrum_survey_samples(const float *samples, int32_t count) {
  f8 minimum = (f8){0} + samples[0], maximum = minimum;
  i8 not_finite = {0}, changes = {0};
  int32_t i = 0;
  for (; i + 9 <= count; i += 8) {
    const f8 x = LOAD8(samples + i);
    minimum = __builtin_elementwise_min(minimum, x);
    maximum = __builtin_elementwise_max(maximum, x);
    not_finite += x - x != 0;
    changes += x != LOAD8(samples + i + 1);
  }
  thrum_survey s = {samples[0], samples[0], trues(&not_finite), trues(&changes)};
  for (int32_t lane = 0; lane < 8; lane++) {
    s.minimum = minimum[lane] < s.minimum ? minimum[lane] : s.minimum;
    s.maximum = maximum[lane] > s.maximum ? maximum[lane] : s.maximum;
  }
  for (; i < count; i++) {
    survey1(&s, samples[i]);
    if (i + 1 < count) s.changes += samples[i] != samples[i + 1];
  }
  return s;
}

THRUM_CLONES
int32_t thrum_count_within(const float *samples, int32_t count, float low, float high) {
  i8 within = {0};
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const f8 x = LOAD8(samples + i);
    within += (x >= low) & (x <= high);
  }
  int32_t found = trues(&within);
  for (; i < count; i++) found += samples[i] >= low && samples[i] <= high;
  return found;
}
