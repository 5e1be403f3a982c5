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

/// values[i] = tanh(values[i]).
void thrum_tanh(float *values, int32_t count);
