int thrum_kernels_version(void);
