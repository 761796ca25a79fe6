"""Whether pairs of files are the same image in two transfer syntaxes, as pydicom reads them.

Reads a JSON list of [name, file, other file], and prints for each pair the transfer syntaxes, how far any pixel is
apart (null where the first file's pixels cannot be read, -1 where the other's cannot, or have another shape), and the elements that differ.
"""

import json
import sys
import warnings

import numpy
import pydicom

warnings.simplefilter("ignore")
# What describes pixels, and may change with them.
OF_PIXELS = {"PixelData", "PhotometricInterpretation", "PlanarConfiguration", "LossyImageCompression",
             "ExtendedOffsetTable", "ExtendedOffsetTableLengths", "EncapsulatedPixelDataValueTotalLength"}


def pixels(dataset):
    try:
        return dataset.pixel_array
    except Exception:
        return None


def same(one, other):
    """Values that are no numbers equal themselves, and an odd length is not a difference."""
    if isinstance(one, bytes) and isinstance(other, bytes):
        return one == other
    return one == other or repr(one) == repr(other)


def compare(name, file, other):
    before, after = pydicom.dcmread(file, force=True), pydicom.dcmread(other)
    verdict = {"name": name, "from": before.file_meta.TransferSyntaxUID, "to": after.file_meta.TransferSyntaxUID,
               "apart": None, "different": [], "lossy": after.get("LossyImageCompression")}
    tags = set(before.keys()) | set(after.keys())
    for tag in sorted(tags):
        if tag.elem == 0 or pydicom.datadict.keyword_for_tag(tag) in OF_PIXELS:
            continue
        try:
            if tag not in before or tag not in after or not same(before[tag].value, after[tag].value):
                verdict["different"].append(str(tag))
        except Exception as problem:
            verdict["different"].append(f"{tag}: {type(problem).__name__}")
    one = pixels(before) if "PixelData" in before else None
    if one is not None:
        two = pixels(after)
        if two is None or one.shape != two.shape:
            verdict["apart"] = -1
        else:
            verdict["apart"] = int(numpy.abs(one.astype("int64") - two.astype("int64")).max())
    return verdict


with open(sys.argv[1]) as pairs:
    print(json.dumps([compare(*pair) for pair in json.load(pairs)]))
