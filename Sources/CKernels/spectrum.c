#include "CKernels.h"
#include "clones.h"

// Four complex numbers lie in one f8. No function takes or gives one: how they are passed differs between the clones.
#define SHUFFLE __builtin_shufflevector
#define REALS(v) SHUFFLE(v, v, 0, 0, 2, 2, 4, 4, 6, 6)
#define IMAGINARIES(v) SHUFFLE(v, v, 1, 1, 3, 3, 5, 5, 7, 7)
#define SWAPPED(v) SHUFFLE(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#define REVERSED(v) SHUFFLE(v, v, 6, 7, 4, 5, 2, 3, 0, 1)
static const f8 conjugate = {1, -1, 1, -1, 1, -1, 1, -1};

/// Eight sums of the neighbours in sixteen values: squared magnitudes, when these are squares of eight complex numbers.
#define SUM_OF_NEIGHBOURS(a, b) (SHUFFLE(a, b, 0, 2, 4, 6, 8, 10, 12, 14) + SHUFFLE(a, b, 1, 3, 5, 7, 9, 11, 13, 15))

/// Bins k and half - k of `thrum_unpack_spectrum`, which share all their work: X[k] = E + G and X[half-k] = conj(E - G), where
/// E is the spectrum of the even samples and G that of the odd ones, turned by e^(-2πik / 2half).
THRUM_INLINE void unpack1(const float *packed, const float *twiddles, float *spectrum, int32_t half, int32_t k) {
  const float *p = packed + 2 * k, *q = packed + 2 * (half - k), *t = twiddles + 2 * k;
  const float even_re = 0.5f * (p[0] + q[0]), even_im = 0.5f * (p[1] - q[1]);
  const float odd_re = 0.5f * (p[1] + q[1]), odd_im = 0.5f * (q[0] - p[0]);
  const float turned_re = odd_re * t[0] + odd_im * t[1], turned_im = odd_im * t[0] - odd_re * t[1];
  spectrum[2 * k] = even_re + turned_re;
  spectrum[2 * k + 1] = even_im + turned_im;
  spectrum[2 * (half - k)] = even_re - turned_re;
  spectrum[2 * (half - k) + 1] = turned_im - even_im;
}

THRUM_INLINE void unpack4(const float *packed, const float *twiddles, float *spectrum, int32_t half, int32_t k) {
  const int32_t mirror = half - k - 3;
  const f8 p = LOAD8(packed + 2 * k), q = REVERSED(LOAD8(packed + 2 * mirror)) * conjugate, t = LOAD8(twiddles + 2 * k);
  const f8 even = 0.5f * (p + q), odd = 0.5f * conjugate * SWAPPED(p - q);
  const f8 turned = odd * REALS(t) + conjugate * SWAPPED(odd) * IMAGINARIES(t);
  STORE8(spectrum + 2 * k, even + turned);
  STORE8(spectrum + 2 * mirror, REVERSED((even - turned) * conjugate));
}

THRUM_CLONES
void thrum_unpack_spectrum(const float *packed, const float *twiddles, float *spectrum, int32_t half) {
  spectrum[0] = packed[0] + packed[1];
  spectrum[2 * half] = packed[0] - packed[1];
  spectrum[1] = spectrum[2 * half + 1] = 0;
  int32_t k = 1;
  for (; k + 3 < half - k - 3; k += 4) unpack4(packed, twiddles, spectrum, half, k);
  for (; k <= half / 2; k++) unpack1(packed, twiddles, spectrum, half, k);
}

/// |windowed|² of the eight bins from `bin` on.
THRUM_INLINE void hann8(const float *bin, float *squares) {
  const f8 a = 0.5f * LOAD8(bin) - 0.25f * (LOAD8(bin - 2) + LOAD8(bin + 2));
  const f8 b = 0.5f * LOAD8(bin + 8) - 0.25f * (LOAD8(bin + 6) + LOAD8(bin + 10));
  const f8 a2 = a * a, b2 = b * b;
  STORE8(squares, SUM_OF_NEIGHBOURS(a2, b2));
}

THRUM_INLINE float hann1(const float *bin) {
  const float re = 0.5f * bin[0] - 0.25f * (bin[-2] + bin[2]), im = 0.5f * bin[1] - 0.25f * (bin[-1] + bin[3]);
  return re * re + im * im;
}

/// Both ends are real, and their neighbours mirror each other.
THRUM_INLINE float hann_end(float end, float neighbour) {
  const float re = 0.5f * (end - neighbour);
  return 0.5f * re * re;
}

THRUM_CLONES
void thrum_hann_density(const float *spectrum, float *density, int32_t half, float scale) {
  density[0] = scale * hann_end(spectrum[0], spectrum[2]);
  density[half] = scale * hann_end(spectrum[2 * half], spectrum[2 * half - 2]);
  int32_t k = 1;
  for (; k + 8 <= half; k += 8) {
    hann8(spectrum + 2 * k, density + k);
    STORE8(density + k, scale * LOAD8(density + k));
  }
  for (; k < half; k++) density[k] = scale * hann1(spectrum + 2 * k);
}

THRUM_CLONES
void thrum_multiply_complex(const float *a, const float *b, float *product, int32_t count) {
  int32_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const f8 x = LOAD8(a + 2 * k), y = LOAD8(b + 2 * k);
    STORE8(product + 2 * k, x * REALS(y) - conjugate * SWAPPED(x) * IMAGINARIES(y));
  }
  for (; k < count; k++) {
    const float re = a[2 * k], im = a[2 * k + 1];
    product[2 * k] = re * b[2 * k] - im * b[2 * k + 1];
    product[2 * k + 1] = im * b[2 * k] + re * b[2 * k + 1];
  }
}

THRUM_INLINE float magnitude1(const float *bin) { return __builtin_sqrtf(bin[0] * bin[0] + bin[1] * bin[1]); }

THRUM_CLONES
void thrum_interleave_magnitudes(const float *even, const float *odd, float *magnitudes, int32_t count) {
  int32_t m = 0;
  for (; m + 8 <= count; m += 8) {
    const f8 e0 = LOAD8(even + 2 * m), e1 = LOAD8(even + 2 * m + 8), o0 = LOAD8(odd + 2 * m), o1 = LOAD8(odd + 2 * m + 8);
    const f8 e = __builtin_elementwise_sqrt(SUM_OF_NEIGHBOURS(e0 * e0, e1 * e1));
    const f8 o = __builtin_elementwise_sqrt(SUM_OF_NEIGHBOURS(o0 * o0, o1 * o1));
    STORE8(magnitudes + 2 * m, SHUFFLE(e, o, 0, 8, 1, 9, 2, 10, 3, 11));
    STORE8(magnitudes + 2 * m + 8, SHUFFLE(e, o, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (; m < count; m++) {
    magnitudes[2 * m] = magnitude1(even + 2 * m);
    magnitudes[2 * m + 1] = magnitude1(odd + 2 * m);
  }
}

thrum_spectral_sums thrum_sum_spectrum(const float *density, int32_t count) {
  thrum_spectral_sums s = {0};
  for (int32_t k = 1; k <= count; k++) {
    const double power = density[k], bin = k, logarithm = __builtin_logf(density[k] > 1e-37f ? density[k] : 1e-37f);
    s.power += power;
    s.first += bin * power;
    s.second += bin * bin * power;
    s.power_log += power * logarithm;
    s.log += logarithm;
  }
  return s;
}
