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


IDENTITY = {"SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"}


def same(one, other, is_big):
    """Values that are no numbers equal themselves. Words are read by pydicom as they lie."""
    if is_big and one.VR == "OW":
        return one.value == numpy.frombuffer(other.value, "<u2").astype(">u2").tobytes()
    return one.value == other.value or repr(one.value) == repr(other.value)


def raw(dataset, tag):
    """The bytes of a value of unknown representation."""
    element = dataset.get_item(tag)
    return element.value if element is not None and element.VR == "UN" else None


def compare(name, file, other):
    before, after = pydicom.dcmread(file, force=True), pydicom.dcmread(other)
    verdict = {"name": name, "from": before.file_meta.TransferSyntaxUID, "to": after.file_meta.TransferSyntaxUID,
               "apart": None, "different": [], "lossy": after.get("LossyImageCompression")}
    is_big = before.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.2"
    tags = set(before.keys()) | set(after.keys())
    for tag in sorted(tags):
        keyword = pydicom.datadict.keyword_for_tag(tag)
        if tag.elem == 0 or keyword in OF_PIXELS or (keyword in IDENTITY and tag not in before):
            continue
        try:
            unknown = raw(before, tag)
            if tag not in before or tag not in after:
                verdict["different"].append(str(tag))
            elif unknown is not None and raw(after, tag) is not None:
                if unknown != raw(after, tag):
                    verdict["different"].append(str(tag))
            elif not same(before[tag], after[tag], is_big):
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
