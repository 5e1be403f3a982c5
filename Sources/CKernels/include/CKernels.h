// The inner loops of thrum, in C so that one binary holds them for old and for new processors.
// Every clone gives the same bits: no contraction to fused multiply-add, sums in a fixed order of lanes.
#pragma once
#include <stdint.h>

// ---- Isolation forest (Anomaly) ----

/// One split of an isolation tree: go left if `features[feature] <= threshold`, else right.
typedef struct {
  float threshold;
  int32_t feature;
} thrum_split;

/// Sum over all trees of the path length of the leaf that `features` falls into.
/// Every tree is perfect with `depth` levels of splits: a leaf higher up is padded with splits that have it on both sides.
/// @param features     any count; every `feature` of a split must be a valid index. A NaN goes left.
/// @param splits       [trees][2^depth - 1], level by level: the children of node i are 2i + 1 and 2i + 2.
/// @param path_lengths [trees][2^depth], the leaves from left to right.
/// The score is 2^(-sum / trees / c) (Liu, Ting, Zhou, "Isolation Forest", ICDM 2008, eq. 2).
float thrum_forest_path_sum(
    const float *features, const thrum_split *splits, const float *path_lengths, int32_t trees, int32_t depth);

// ---- Dense layer (Anomaly) ----

/// output = bias + weightsᵀ · input, where weights are [inputs][outputs] (the outputs of one input lie together).
/// `output` must not overlap `input`.
void thrum_dense(
    const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t outputs);

/// The same for several rows, input [rows][inputs] and output [rows][outputs]; the bits are those of thrum_dense.
void thrum_dense_rows(
    const float *input, const float *weights, const float *bias, float *output, int32_t rows, int32_t inputs, int32_t outputs);

/// values[i] = tanh(values[i]), within 4e-7 of it and within -1 … 1.
void thrum_tanh(float *values, int32_t count);

/// Σ (a[i] - b[i])², in eight lanes.
float thrum_squared_distance(const float *a, const float *b, int32_t count);

// ---- Training (Anomaly): the same layers backwards ----

/// Adds a sample's share to the gradients of a dense layer: weights += input · gradientᵀ, bias += gradient.
void thrum_dense_gradient(
    const float *input, const float *gradient, float *weights, float *bias, int32_t inputs, int32_t outputs);

/// result = weights · gradient: the gradient at the layer's input.
void thrum_dense_backward(const float *weights, const float *gradient, float *result, int32_t inputs, int32_t outputs);

/// One step of Adam (Kingma, Ba, ICLR 2015; betas 0.9 and 0.999, epsilon 1e-8); zeroes the gradients.
/// @param rate              learning rate, divided by 1 - 0.9^t.
/// @param second_correction 1 / (1 - 0.999^t).
void thrum_adam(
    float *parameters, float *gradients, float *first, float *second, int32_t count, float rate, float second_correction);

// ---- Transforms and features (Signal). Complex arrays are interleaved: real, imaginary, real … ----

typedef struct {
  float mean;
  /// Mean of the second, third and fourth power of the mean-free samples.
  float m2, m3, m4;
  /// Largest magnitude of the mean-free samples.
  float peak;
} thrum_moments;

/// centred[i] = samples[i] - mean; their moments in the same two passes. `samples` needs no alignment.
/// As exact for millions of samples as for 4096: sums of stretches are added in double precision.
thrum_moments thrum_centre(const float *samples, float *centred, int32_t count);

typedef struct {
  /// Of the magnitudes, and of their square roots.
  float mean, mean_root;
  /// Largest minus smallest sample.
  float range;
} thrum_magnitudes;

/// One pass over `count` >= 1 mean-free samples.
thrum_magnitudes thrum_measure_magnitudes(const float *centred, int32_t count);

typedef struct {
  /// Sums over the bins k = 1 … count of P[k], k·P[k], k²·P[k], P[k]·ln P[k] and ln P[k]; an empty bin counts as 1e-37 in the
  /// logarithms.
  double power, first, second, power_log, log;
} thrum_spectral_sums;

/// @param density [count + 1], bin 0 is left out.
thrum_spectral_sums thrum_sum_spectrum(const float *density, int32_t count);

/// Spectrum of 2·half real samples out of the `half`-point transform of their pairs (sample 2m + i · sample 2m+1).
/// @param packed   [half] complex.
/// @param twiddles [half] complex, e^(+2πik / 2half).
/// @param spectrum [half + 1] complex, bins 0 … half.
void thrum_unpack_spectrum(const float *packed, const float *twiddles, float *spectrum, int32_t half);

/// One-sided power density behind a periodic Hann window, which is X[k]/2 - X[k-1]/4 - X[k+1]/4 in the frequency domain.
/// @param spectrum [half + 1] complex, of the unwindowed samples.
/// @param density  [half + 1]: scale · |windowed|², half of it at both ends.
void thrum_hann_density(const float *spectrum, float *density, int32_t half, float scale);

/// Sum of `count` values, in eight lanes, stretches of 4096 added in double precision.
float thrum_sum(const float *values, int32_t count);

/// product[k] = a[k] · b[k], complex. `product` may be `a`.
void thrum_multiply_complex(const float *a, const float *b, float *product, int32_t count);

/// magnitudes[2m] = |even[m]|, magnitudes[2m + 1] = |odd[m]|.
void thrum_interleave_magnitudes(const float *even, const float *odd, float *magnitudes, int32_t count);

// ---- Checks (Signal) ----

typedef struct {
  /// Of no meaning when a sample is not finite.
  float minimum, maximum;
  /// Infinities and NaNs.
  int32_t not_finite;
  /// Neighbours that differ, of count - 1.
  int32_t changes;
} thrum_survey;

/// One pass over `count` >= 1 samples.
thrum_survey thrum_survey_samples(const float *samples, int32_t count);

/// How many of the samples lie within low … high.
int32_t thrum_count_within(const float *samples, int32_t count, float low, float high);
