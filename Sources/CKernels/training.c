#include <math.h>

#include "CKernels.h"
#include "clones.h"

THRUM_CLONES
void thrum_dense_gradient(
    const float *input, const float *gradient, float *weights, float *bias, int32_t inputs, int32_t outputs) {
  for (int32_t i = 0; i < inputs; i++)
    for (int32_t o = 0; o < outputs; o++) weights[i * outputs + o] += input[i] * gradient[o];
  for (int32_t o = 0; o < outputs; o++) bias[o] += gradient[o];
}

THRUM_CLONES
void thrum_dense_backward(const float *weights, const float *gradient, float *result, int32_t inputs, int32_t outputs) {
  for (int32_t i = 0; i < inputs; i++) {
    float sum = 0;
    for (int32_t o = 0; o < outputs; o++) sum += weights[i * outputs + o] * gradient[o];
    result[i] = sum;
  }
}

THRUM_CLONES
void thrum_adam(
    float *parameters, float *gradients, float *first, float *second, int32_t count, float rate, float second_correction) {
  for (int32_t i = 0; i < count; i++) {
    first[i] = 0.9f * first[i] + 0.1f * gradients[i];
    second[i] = 0.999f * second[i] + 0.001f * gradients[i] * gradients[i];
    parameters[i] -= rate * first[i] / (sqrtf(second[i] * second_correction) + 1e-8f);
    gradients[i] = 0;
  }
}
