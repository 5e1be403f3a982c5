#include "CKernels.h"
#include "clones.h"

THRUM_INLINE float lanes_sum(const float *v) { return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7])); }

THRUM_INLINE float lanes_max(const float *v) {
  float largest = v[0];
  for (int32_t lane = 1; lane < 8; lane++) largest = v[lane] > largest ? v[lane] : largest;
  return largest;
}

THRUM_CLONES
float thrum_sum(const float *values, int32_t count) {
  f8 lanes[2] = {{0}};
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    lanes[0] += LOAD8(values + i);
    lanes[1] += LOAD8(values + i + 8);
  }
  lanes[0] += lanes[1];
  float sum = lanes_sum((const float *)lanes);
  for (; i < count; i++) sum += values[i];
  return sum;
}

/// Sums of powers in eight lanes.
typedef struct {
  f8 m2, m3, m4, peak;
} powers;

THRUM_INLINE void add8(powers *p, const float *centred) {
  const f8 x = LOAD8(centred), square = x * x;
  p->m2 += square;
  p->m3 += square * x;
  p->m4 += square * square;
  p->peak = __builtin_elementwise_max(p->peak, __builtin_elementwise_abs(x));
}

THRUM_CLONES
thrum_moments thrum_centre(const float *samples, float *centred, int32_t count) {
  const float mean = thrum_sum(samples, count) / (float)count;
  powers a = {0}, b = {0};
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    STORE8(centred + i, LOAD8(samples + i) - mean);
    STORE8(centred + i + 8, LOAD8(samples + i + 8) - mean);
    add8(&a, centred + i);
    add8(&b, centred + i + 8);
  }
  for (; i < count; i++) {
    float lane[8] = {samples[i] - mean};
    centred[i] = lane[0];
    add8(&a, lane);
  }
  a.m2 += b.m2;
  a.m3 += b.m3;
  a.m4 += b.m4;
  a.peak = __builtin_elementwise_max(a.peak, b.peak);
  const float n = (float)count;
  return (thrum_moments){
      .mean = mean,
      .m2 = lanes_sum((const float *)&a.m2) / n,
      .m3 = lanes_sum((const float *)&a.m3) / n,
      .m4 = lanes_sum((const float *)&a.m4) / n,
      .peak = lanes_max((const float *)&a.peak),
  };
}
