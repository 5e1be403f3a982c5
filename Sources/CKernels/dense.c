#include "CKernels.h"
#include "clones.h"

/// Eight outputs at once; each sums its inputs in their order.
THRUM_INLINE void dense8(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  f8 sum = LOAD8(bias);
  for (int32_t i = 0; i < inputs; i++) sum += input[i] * LOAD8(weights + i * stride);
  STORE8(output, sum);
}

/// Four times eight outputs at once: a sum hangs on its last addition, and others fill the wait. The same bits as one by one.
THRUM_INLINE void dense32(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  f8 a = LOAD8(bias), b = LOAD8(bias + 8), c = LOAD8(bias + 16), d = LOAD8(bias + 24);
  for (int32_t i = 0; i < inputs; i++) {
    const float *row = weights + i * stride;
    a += input[i] * LOAD8(row);
    b += input[i] * LOAD8(row + 8);
    c += input[i] * LOAD8(row + 16);
    d += input[i] * LOAD8(row + 24);
  }
  STORE8(output, a);
  STORE8(output + 8, b);
  STORE8(output + 16, c);
  STORE8(output + 24, d);
}

THRUM_INLINE void dense16(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  f8 a = LOAD8(bias), b = LOAD8(bias + 8);
  for (int32_t i = 0; i < inputs; i++) {
    const float *row = weights + i * stride;
    a += input[i] * LOAD8(row);
    b += input[i] * LOAD8(row + 8);
  }
  STORE8(output, a);
  STORE8(output + 8, b);
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
  for (; o + 32 <= outputs; o += 32) dense32(input, weights + o, bias + o, output + o, inputs, outputs);
  for (; o + 16 <= outputs; o += 16) dense16(input, weights + o, bias + o, output + o, inputs, outputs);
  for (; o + 8 <= outputs; o += 8) dense8(input, weights + o, bias + o, output + o, inputs, outputs);
  if (o == outputs) return;
  if (outputs >= 8) {  // the last eight once more, overlapping: the same bits, no narrow tail
    o = outputs - 8;
    dense8(input, weights + o, bias + o, output + o, inputs, outputs);
    return;
  }
  for (; o < outputs; o++) dense1(input, weights + o, bias + o, output + o, inputs, outputs);
}

/// Four rows times sixteen outputs: what is read of the weights serves four rows. Sums its inputs in their order, as dense8.
THRUM_INLINE void dense4x16(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  f8 sums[4][2];
  for (int32_t row = 0; row < 4; row++) sums[row][0] = LOAD8(bias), sums[row][1] = LOAD8(bias + 8);
  for (int32_t i = 0; i < inputs; i++) {
    const f8 low = LOAD8(weights + i * stride), high = LOAD8(weights + i * stride + 8);
    for (int32_t row = 0; row < 4; row++) {
      sums[row][0] += input[row * inputs + i] * low;
      sums[row][1] += input[row * inputs + i] * high;
    }
  }
  for (int32_t row = 0; row < 4; row++) {
    STORE8(output + row * stride, sums[row][0]);
    STORE8(output + row * stride + 8, sums[row][1]);
  }
}

THRUM_INLINE void dense4x8(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t stride) {
  f8 sums[4];
  for (int32_t row = 0; row < 4; row++) sums[row] = LOAD8(bias);
  for (int32_t i = 0; i < inputs; i++) {
    const f8 weight = LOAD8(weights + i * stride);
    for (int32_t row = 0; row < 4; row++) sums[row] += input[row * inputs + i] * weight;
  }
  for (int32_t row = 0; row < 4; row++) STORE8(output + row * stride, sums[row]);
}

/// Four rows; `outputs` is at least 8. The last eight overlap, as in thrum_dense.
THRUM_INLINE void dense4(const float *input, const float *weights, const float *bias, float *output, int32_t inputs, int32_t outputs) {
  int32_t o = 0;
  for (; o + 16 <= outputs; o += 16) dense4x16(input, weights + o, bias + o, output + o, inputs, outputs);
  for (; o + 8 <= outputs; o += 8) dense4x8(input, weights + o, bias + o, output + o, inputs, outputs);
  if (o < outputs) o = outputs - 8, dense4x8(input, weights + o, bias + o, output + o, inputs, outputs);
}

THRUM_CLONES
void thrum_dense_rows(
    const float *input, const float *weights, const float *bias, float *output, int32_t rows, int32_t inputs, int32_t outputs) {
  int32_t row = 0;
  for (; outputs >= 8 && row + 4 <= rows; row += 4) dense4(input + row * inputs, weights, bias, output + row * outputs, inputs, outputs);
  for (; row < rows; row++) thrum_dense(input + row * inputs, weights, bias, output + row * outputs, inputs, outputs);
}

/// x · P(x²) / Q(x²), a minimax fit of the relative error on 0 … 9 (2e-8 before rounding); beyond, tanh is 1 in single precision.
#define TANH(x, square)                                                                                             \
  ((x) * (0.99999998f + (square) * (0.133810254f + (square) * (3.4955878e-3f + (square) * (2.06090756e-5f + (square) * 1.33546501e-8f)))) / \
   (1.0f + (square) * (0.46714341f + (square) * (0.0258769811f + (square) * (3.28563421e-4f + (square) * 7.77655407e-7f)))))

THRUM_INLINE void tanh8(float *values) {
  const f8 x = __builtin_elementwise_max(__builtin_elementwise_min(LOAD8(values), (f8){0} + 9), (f8){0} - 9);
  const f8 square = x * x;
  STORE8(values, __builtin_elementwise_max(__builtin_elementwise_min(TANH(x, square), (f8){0} + 1), (f8){0} - 1));
}

THRUM_CLONES
void thrum_tanh(float *values, int32_t count) {
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) tanh8(values + i);
  float rest[8] = {0};
  for (int32_t lane = 0; i + lane < count; lane++) rest[lane] = values[i + lane];
  tanh8(rest);
  for (int32_t lane = 0; i + lane < count; lane++) values[i + lane] = rest[lane];
}

THRUM_CLONES
float thrum_squared_distance(const float *a, const float *b, int32_t count) {
  f8 lanes = {0};
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const f8 difference = LOAD8(a + i) - LOAD8(b + i);
    lanes += difference * difference;
  }
  for (int32_t lane = 0; i + lane < count; lane++) lanes[lane] += (a[i + lane] - b[i + lane]) * (a[i + lane] - b[i + lane]);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}
