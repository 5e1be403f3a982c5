#include "CKernels.h"
int thrum_kernels_version(void) { return 1; }
