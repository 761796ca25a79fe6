"""Overlay planes as pydicom reads them. Makes files with planes in the folder given, beside the real ones named a line.

A line of JSON for each: `file`, and `planes`, of which each has its group, its frames' pixels one after another as
text of 0 and 1, and where it begins.
"""

import json
import sys
from pathlib import Path

import numpy
import pydicom

IMAGE = "1.2.840.10008.5.1.4.1.1.7"


def made(folder, big_endian=False):
    """An image of three frames with two planes: one of two frames from its second on, and one over all of it."""
    syntax = pydicom.uid.ExplicitVRBigEndian if big_endian else pydicom.uid.ExplicitVRLittleEndian
    ds = pydicom.Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = IMAGE, "1.2.3.9"
    ds.Rows, ds.Columns, ds.NumberOfFrames = 5, 7, 3
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.add_new(0x7FE00010, "OB", bytes(5 * 7 * 3 + 1))
    for group, frames, rows, columns, origin in ((0x6000, 2, 5, 7, [1, 1]), (0x6004, None, 3, 4, [-1, 3])):
        bits = numpy.random.default_rng(group).integers(0, 2, (frames or 1) * rows * columns)
        data = numpy.packbits(bits, bitorder="little").tobytes()
        data += bytes(len(data) % 2)
        ds.add_new((group, 0x0010), "US", rows)
        ds.add_new((group, 0x0011), "US", columns)
        if frames:
            ds.add_new((group, 0x0015), "IS", frames)
            ds.add_new((group, 0x0051), "US", 2)
        ds.add_new((group, 0x0040), "CS", "G")
        ds.add_new((group, 0x0050), "SS", origin)
        ds.add_new((group, 0x0100), "US", 1)
        ds.add_new((group, 0x0102), "US", 0)
        ds.add_new((group, 0x1500), "LO", f"Plane {group:x}")
        swapped = numpy.frombuffer(data, "<u2").byteswap().tobytes()
        ds.add_new((group, 0x3000), "OW", swapped if big_endian else data)
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID, ds.file_meta.TransferSyntaxUID = IMAGE, "1.2.3.9", syntax
    path = folder / ("big.dcm" if big_endian else "little.dcm")
    ds.save_as(path, enforce_file_format=True)
    return path


def planes(ds):
    for group in sorted({element.tag.group for element in ds if 0x6000 <= element.tag.group < 0x6020}):
        array = ds.overlay_array(group)
        frames = array if array.ndim == 3 else array[None]
        origin = ds[group, 0x0050].value
        yield {"group": group, "frames": ["".join(map(str, frame.ravel())) for frame in frames], "shape": frames.shape[1:], "top": origin[0] - 1, "left": origin[1] - 1}


little = made(Path(sys.argv[1]))
big = made(Path(sys.argv[1]), big_endian=True)
wanted = list(planes(pydicom.dcmread(little)))
print(json.dumps({"file": str(little), "planes": wanted}))
# pydicom does not turn the words of a big-endian plane: they are the same planes.
print(json.dumps({"file": str(big), "planes": wanted}))
for name in sys.stdin.read().splitlines():
    print(json.dumps({"file": name, "planes": list(planes(pydicom.dcmread(name)))}))
