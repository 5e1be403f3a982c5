#include "CKernels.h"
#include "clones.h"

/// Trees in flight: a tree's next node hangs on a load, so several independent ones hide its latency.
enum { IN_FLIGHT = 10 };

THRUM_INLINE float path_sum(
    const float *features, const thrum_split *splits, const float *path_lengths, int32_t depth, int32_t trees) {
  const int32_t inner = (1 << depth) - 1;
  int32_t node[IN_FLIGHT] = {0};
  for (int32_t level = 0; level < depth; level++)
    for (int32_t tree = 0; tree < trees; tree++) {
      const thrum_split split = splits[tree * inner + node[tree]];
      node[tree] = 2 * node[tree] + 1 + (features[split.feature] > split.threshold);
    }
  float sum = 0;
  for (int32_t tree = 0; tree < trees; tree++) sum += path_lengths[tree * (inner + 1) + node[tree] - inner];
  return sum;
}

THRUM_CLONES
float thrum_forest_path_sum(
    const float *features, const thrum_split *splits, const float *path_lengths, int32_t trees, int32_t depth) {
  const int32_t inner = (1 << depth) - 1;
  float sum = 0;
  int32_t tree = 0;
  for (; tree + IN_FLIGHT <= trees; tree += IN_FLIGHT)
    sum += path_sum(features, splits + tree * inner, path_lengths + tree * (inner + 1), depth, IN_FLIGHT);
  for (; tree < trees; tree++)
    sum += path_sum(features, splits + tree * inner, path_lengths + tree * (inner + 1), depth, 1);
  return sum;
}
