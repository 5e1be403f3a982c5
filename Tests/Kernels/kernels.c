// Runs every kernel on seeded input and writes what comes out: the same program for two processors must write the same.
// Built and compared by scripts/arm. Lines: a kernel's name, how many values, the values.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

/// -1 … 1, exact in single precision (SplitMix64; G. Steele, D. Lea, C. Flood, OOPSLA 2014).
static float uniform(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (float)((int64_t)((z ^ (z >> 31)) >> 40) - (1 << 23)) / (float)(1 << 23);
}

static float *filled(int32_t count) {
  float *values = malloc(sizeof(float) * (size_t)(count + 16));
  for (int32_t i = 0; i < count + 16; i++) values[i] = uniform();
  return values;
}

static void report(const char *kernel, const float *values, int32_t count) {
  printf("%s %d", kernel, count);
  for (int32_t i = 0; i < count; i++) printf(" %.9g", values[i]);
  putchar('\n');
}

static void samples(int32_t count) {
  float *x = filled(count), *centred = filled(count);
  const thrum_moments m = thrum_centre(x, centred, count);
  report("centre", centred, count);
  report("moments", (const float[]){m.mean, m.m2, m.m3, m.m4, m.peak}, 5);
  report("sum", (const float[]){thrum_sum(x, count)}, 1);
  const thrum_survey s = thrum_survey_samples(x, count);
  const float within = (float)thrum_count_within(x, count, -0.25f, 0.5f);
  report("survey", (const float[]){s.minimum, s.maximum, (float)s.not_finite, (float)s.changes, within}, 5);
  const thrum_magnitudes g = thrum_measure_magnitudes(centred, count);
  report("distance", (const float[]){thrum_squared_distance(x, centred, count)}, 1);
  report("amplitudes", (const float[]){g.mean, g.mean_root, g.range}, 3);
  free(x), free(centred);
}

static void spectra(int32_t half) {
  float *packed = filled(2 * half), *twiddles = filled(2 * half), *spectrum = filled(2 * half + 2), *result = filled(2 * half + 2);
  thrum_unpack_spectrum(packed, twiddles, spectrum, half);
  report("unpack", spectrum, 2 * half + 2);
  thrum_hann_density(spectrum, result, half, 0.7f);
  report("hann", result, half + 1);
  const thrum_spectral_sums s = thrum_sum_spectrum(result, half);
  report("sums", (const float[]){(float)s.power, (float)s.first, (float)s.second, (float)s.power_log, (float)s.log}, 5);
  thrum_multiply_complex(packed, twiddles, result, half);
  report("multiply", result, 2 * half);
  thrum_interleave_magnitudes(packed, twiddles, result, half);
  report("magnitudes", result, 2 * half);
  free(packed), free(twiddles), free(spectrum), free(result);
}

static void layers(int32_t inputs, int32_t outputs) {
  float *input = filled(inputs), *weights = filled(inputs * outputs), *bias = filled(outputs), *output = filled(outputs);
  thrum_dense(input, weights, bias, output, inputs, outputs);
  report("dense", output, outputs);
  thrum_tanh(output, outputs);
  report("tanh", output, outputs);
  float *rows = filled(7 * inputs), *results = filled(7 * outputs);
  thrum_dense_rows(rows, weights, bias, results, 7, inputs, outputs);
  report("dense_rows", results, 7 * outputs);
  free(rows), free(results);
  float *gradients = filled(inputs * outputs), *first = filled(inputs * outputs), *second = filled(inputs * outputs);
  for (int32_t i = 0; i < inputs * outputs; i++) second[i] *= second[i];
  thrum_dense_gradient(input, output, gradients, bias, inputs, outputs);
  report("gradient", gradients, inputs * outputs);
  thrum_dense_backward(weights, output, input, inputs, outputs);
  report("backward", input, inputs);
  thrum_adam(weights, gradients, first, second, inputs * outputs, 0.01f, 1.5f);
  report("adam", weights, inputs * outputs);
  free(input), free(weights), free(bias), free(output), free(gradients), free(first), free(second);
}

static void forest(int32_t trees, int32_t depth) {
  const int32_t inner = (1 << depth) - 1;
  float *features = filled(29), *leaves = filled(trees * (inner + 1)), *thresholds = filled(trees * inner);
  thrum_split *splits = malloc(sizeof(thrum_split) * (size_t)(trees * inner));
  for (int32_t i = 0; i < trees * inner; i++) splits[i] = (thrum_split){thresholds[i], i * 7 % 29};
  report("forest", (const float[]){thrum_forest_path_sum(features, splits, leaves, trees, depth)}, 1);
  free(features), free(leaves), free(thresholds), free(splits);
}

int main(void) {
  for (int32_t count = 1; count <= 4096; count = count * 3 + 1) samples(count);
  samples(9001);
  for (int32_t half = 1; half <= 2048; half = half * 3 + 1) spectra(half);
  for (int32_t inputs = 1; inputs <= 64; inputs += 13) layers(inputs, 65 - inputs);
  for (int32_t trees = 1; trees <= 100; trees += 33) forest(trees, 8);
  return 0;
}
