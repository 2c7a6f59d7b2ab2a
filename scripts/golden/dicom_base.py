"""First half of dicom_syntaxes.sh: the synthetic pictures as uncompressed DICOM, and their JPEG 2000 forms (pydicom, Pillow).

    python3 scripts/golden/dicom_base.py OUT_FOLDER
"""
import io
import pathlib
import sys

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian, JPEG2000Lossless

out = pathlib.Path(sys.argv[1])
W, H = 40, 30
y, x = np.mgrid[0:H, 0:W]
grey = ((x * 97 + y * 61 + x * y) % 4096).astype(np.uint16)          # 12 bit
smooth = (x * 60 + y * 50).astype(np.uint16)                           # for the lossy forms
rgb = np.stack([x * 6, y * 8, (x + y) * 3], -1).astype(np.uint8)


def base(rows, syntax=ExplicitVRLittleEndian):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = "2.25.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "2.25.2", "2.25.3"
    ds.PatientID, ds.PatientName, ds.Modality, ds.StudyDate = "synthetic", "", "OT", "20000101"
    ds.Rows, ds.Columns, ds.PixelRepresentation = H, W, 0
    colour = rows.ndim == 3
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        ds.PlanarConfiguration = 0
    bits = 8 if colour else 12
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = (8, 8, 7) if colour else (16, bits, bits - 1)
    ds.PixelData = rows.tobytes()
    return ds


def j2k(rows, **options):
    picture = Image.fromarray(rows) if rows.ndim == 3 else Image.frombytes("I;16", (W, H), rows.tobytes())
    stream = io.BytesIO()
    picture.save(stream, "JPEG2000", no_jp2=True, **options)
    return stream.getvalue()


base(grey).save_as(out / "grey_explicit.dcm", enforce_file_format=True)
base(smooth).save_as(out / "smooth_explicit.dcm", enforce_file_format=True)
base(rgb).save_as(out / "rgb_explicit.dcm", enforce_file_format=True)
for name, rows, syntax, options in [("grey_j2k_lossless", grey, JPEG2000Lossless, {"irreversible": False}),
                                    ("smooth_j2k", smooth, JPEG2000, {"irreversible": True, "quality_layers": [4]}),
                                    ("rgb_j2k_lossless", rgb, JPEG2000Lossless, {"irreversible": False, "mct": 1})]:
    ds = base(rows, syntax)
    if rows.ndim == 3:
        ds.PhotometricInterpretation = "YBR_RCT"
    ds.PixelData = encapsulate([j2k(rows, **options)])
    ds["PixelData"].is_undefined_length = True
    ds.save_as(out / f"{name}.dcm", enforce_file_format=True)
