#!/usr/bin/env bash
# Second half: the pictures of dicom_base.py in every transfer syntax that DCMTK's tools write. Needs Debian's dcmtk.
#   scripts/golden/dicom_syntaxes.sh FOLDER        FOLDER holds what dicom_base.py wrote
set -euo pipefail
cd "$1"
dcmconv +ti grey_explicit.dcm grey_implicit.dcm
dcmconv +tb grey_explicit.dcm grey_big_endian.dcm
dcmconv +td grey_explicit.dcm grey_deflated.dcm
dcmconv -F +te grey_explicit.dcm grey_no_preamble.dcm        # a bare data set
dcmcrle grey_explicit.dcm grey_rle.dcm
dcmcjpeg +el grey_explicit.dcm grey_jpeg_lossless.dcm        # process 14
dcmcjpeg +e1 grey_explicit.dcm grey_jpeg_sv1.dcm             # process 14, first-order
dcmcjpeg +ee +q 95 smooth_explicit.dcm smooth_jpeg_extended.dcm
dcmcjpls +el grey_explicit.dcm grey_jpegls.dcm
dcmcjpls +en +md 2 grey_explicit.dcm grey_jpegls_near.dcm    # off by 2 at most
dcmcjpeg +eb +q 95 rgb_explicit.dcm rgb_jpeg_baseline.dcm
dcmcrle rgb_explicit.dcm rgb_rle.dcm
dcmcjpls +el rgb_explicit.dcm rgb_jpegls.dcm
rm smooth_explicit.dcm
