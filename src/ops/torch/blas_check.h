// Debian gives libtorch whichever BLAS the system has; the reference one is some fifty times slower than OpenBLAS.
#pragma once

namespace hilum {

// Warns once, naming the package, when the BLAS in this process is the reference implementation.
void warn_if_reference_blas();

}  // namespace hilum
