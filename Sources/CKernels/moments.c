#include "CKernels.h"
#include "clones.h"

// Eight lanes of single precision are exact enough for a few thousand samples, no further: a lane of a million terms loses the
// last digits of each. So every sum is taken over stretches of this many samples, and stretches are added in double precision.
enum { STRETCH = 4096 };

THRUM_INLINE int32_t stretch(int32_t left) { return left < STRETCH ? left : STRETCH; }

THRUM_INLINE float lanes_sum(const float *v) { return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7])); }

THRUM_INLINE float lanes_max(const float *v) {
  float largest = v[0];
  for (int32_t lane = 1; lane < 8; lane++) largest = v[lane] > largest ? v[lane] : largest;
  return largest;
}

/// Sum of value - origin over a stretch: exact differences where the values lie near it.
THRUM_INLINE float stretch_sum(const float *values, float origin, int32_t count) {
  f8 lanes[2] = {{0}};
  int32_t i = 0;
#pragma clang loop unroll_count(2)
  for (; i + 16 <= count; i += 16) {
    lanes[0] += LOAD8(values + i) - origin;
    lanes[1] += LOAD8(values + i + 8) - origin;
  }
  lanes[0] += lanes[1];
  float sum = lanes_sum((const float *)lanes);
  for (; i < count; i++) sum += values[i] - origin;
  return sum;
}

THRUM_INLINE double sum_from(const float *values, float origin, int32_t count) {
  double sum = 0;
  for (int32_t at = 0, part; at < count; at += part) {
    part = stretch(count - at);
    sum += (double)stretch_sum(values + at, origin, part);
  }
  return sum;
}

THRUM_CLONES
float thrum_sum(const float *values, int32_t count) { return (float)sum_from(values, 0, count); }

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

/// A stretch: centred[i] = samples[i] - origin - rest, and the powers of that.
THRUM_INLINE void centre_stretch(powers *sums, const float *samples, float *centred, int32_t count, float origin, float rest) {
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
  *sums = a;
}

THRUM_CLONES
thrum_moments thrum_centre(const float *samples, float *centred, int32_t count) {
  // Two steps, for an offset may be a thousand times the signal: its sum would not hold the signal's last digits.
  const double n = (double)count;
  const float origin = count > 0 ? samples[0] : 0, rest = (float)(sum_from(samples, origin, count) / n);
  double m2 = 0, m3 = 0, m4 = 0;
  f8 peak = {0};
  for (int32_t at = 0, part; at < count; at += part) {
    part = stretch(count - at);
    powers p;
    centre_stretch(&p, samples + at, centred + at, part, origin, rest);
    m2 += (double)lanes_sum((const float *)&p.m2);
    m3 += (double)lanes_sum((const float *)&p.m3);
    m4 += (double)lanes_sum((const float *)&p.m4);
    peak = __builtin_elementwise_max(peak, p.peak);
  }
  return (thrum_moments){
      .mean = origin + rest,
      .m2 = (float)(m2 / n),
      .m3 = (float)(m3 / n),
      .m4 = (float)(m4 / n),
      .peak = lanes_max((const float *)&peak),
  };
}

/// Sums of magnitudes and of their roots; the extremes, in eight lanes.
typedef struct {
  double sum, roots;
  f8 minimum, maximum;
} magnitudes;

THRUM_INLINE void add_stretch(magnitudes *m, const float *centred, int32_t count) {
  f8 sum = {0}, roots = {0}, minimum = m->minimum, maximum = m->maximum;
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const f8 x = LOAD8(centred + i), magnitude = __builtin_elementwise_abs(x);
    sum += magnitude;
    roots += __builtin_elementwise_sqrt(magnitude);
    minimum = __builtin_elementwise_min(minimum, x);
    maximum = __builtin_elementwise_max(maximum, x);
  }
  float rest[2] = {lanes_sum((const float *)&sum), lanes_sum((const float *)&roots)};
  for (; i < count; i++) {
    rest[0] += __builtin_fabsf(centred[i]);
    rest[1] += __builtin_sqrtf(__builtin_fabsf(centred[i]));
    minimum[0] = centred[i] < minimum[0] ? centred[i] : minimum[0];
    maximum[0] = centred[i] > maximum[0] ? centred[i] : maximum[0];
  }
  m->sum += (double)rest[0];
  m->roots += (double)rest[1];
  m->minimum = minimum;
  m->maximum = maximum;
}

THRUM_CLONES
thrum_magnitudes thrum_measure_magnitudes(const float *centred, int32_t count) {
  const f8 first = (f8){0} + centred[0];
  magnitudes m = {0, 0, first, first};
  for (int32_t at = 0, part; at < count; at += part) {
    part = stretch(count - at);
    add_stretch(&m, centred + at, part);
  }
  const f8 negative = -m.minimum;
  const float range = lanes_max((const float *)&m.maximum) + lanes_max((const float *)&negative);
  const double n = (double)count;
  return (thrum_magnitudes){.mean = (float)(m.sum / n), .mean_root = (float)(m.roots / n), .range = range};
}
