#include "CKernels.h"
#include "clones.h"
#include <math.h>

/// Eight outputs at once; each sums its inputs in their order.
THRUM_INLINE void dense8(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  f8 sum = LOAD8(bias);
  for (int32_t i = 0; i < inputs; i++) sum += input[i] * LOAD8(weights + i * stride);
  STORE8(output, sum);
}

THRUM_INLINE void dense1(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  float sum = *bias;
  for (int32_t i = 0; i < inputs; i++) sum += input[i] * weights[i * stride];
  *output = sum;
}

THRUM_CLONES
void thrum_dense(
    const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t outputs) {
  int32_t o = 0;
  for (; o + 8 <= outputs; o += 8) dense8(input, weights + o, bias + o, output + o, inputs, outputs);
  if (o == outputs) return;
  if (outputs >= 8) {  // the last eight once more, overlapping: the same bits, no narrow tail
    o = outputs - 8;
    dense8(input, weights + o, bias + o, output + o, inputs, outputs);
    return;
  }
  for (; o < outputs; o++) dense1(input, weights + o, bias + o, output + o, inputs, outputs);
}

void thrum_tanh(float *values, int32_t count) {
  for (int32_t i = 0; i < count; i++) values[i] = tanhf(values[i]);
}
