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

/// Sum of value - origin: exact differences where the values lie near it.
THRUM_INLINE float sum_from(const float *values, float origin, int32_t count) {
  f8 lanes[2] = {{0}};
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    lanes[0] += LOAD8(values + i) - origin;
    lanes[1] += LOAD8(values + i + 8) - origin;
  }
  lanes[0] += lanes[1];
  float sum = lanes_sum((const float *)lanes);
  for (; i < count; i++) sum += values[i] - origin;
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
  // Two steps, for an offset may be a thousand times the signal: its sum would not hold the signal's last digits.
  const float origin = count > 0 ? samples[0] : 0, rest = sum_from(samples, origin, count) / (float)count;
  powers a = {0}, b = {0};
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    STORE8(centred + i, LOAD8(samples + i) - origin - rest);
    STORE8(centred + i + 8, LOAD8(samples + i + 8) - origin - rest);
    add8(&a, centred + i);
    add8(&b, centred + i + 8);
  }
  for (; i < count; i++) {
    float lane[8] = {samples[i] - origin - rest};
    centred[i] = lane[0];
    add8(&a, lane);
  }
  a.m2 += b.m2;
  a.m3 += b.m3;
  a.m4 += b.m4;
  a.peak = __builtin_elementwise_max(a.peak, b.peak);
  const float n = (float)count;
  return (thrum_moments){
      .mean = origin + rest,
      .m2 = lanes_sum((const float *)&a.m2) / n,
      .m3 = lanes_sum((const float *)&a.m3) / n,
      .m4 = lanes_sum((const float *)&a.m4) / n,
      .peak = lanes_max((const float *)&a.peak),
  };
}

THRUM_CLONES
thrum_magnitudes thrum_measure_magnitudes(const float *centred, int32_t count) {
  f8 sum = {0}, roots = {0}, minimum = (f8){0} + centred[0], maximum = minimum;
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const f8 x = LOAD8(centred + i), magnitude = __builtin_elementwise_abs(x);
    sum += magnitude;
    roots += __builtin_elementwise_sqrt(magnitude);
    minimum = __builtin_elementwise_min(minimum, x);
    maximum = __builtin_elementwise_max(maximum, x);
  }
  float rest[2] = {lanes_sum((const float *)&sum), lanes_sum((const float *)&roots)};
  const f8 negative = -minimum;
  float high = lanes_max((const float *)&maximum), low = -lanes_max((const float *)&negative);
  for (; i < count; i++) {
    rest[0] += __builtin_fabsf(centred[i]);
    rest[1] += __builtin_sqrtf(__builtin_fabsf(centred[i]));
    high = centred[i] > high ? centred[i] : high;
    low = centred[i] < low ? centred[i] : low;
  }
  return (thrum_magnitudes){.mean = rest[0] / (float)count, .mean_root = rest[1] / (float)count, .range = high - low};
}
