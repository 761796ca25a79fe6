"""What pydicom makes of images: their values and colors as raw numbers, for the viewer's to be held against.

Reads one file name a line. For each it prints a line of JSON and writes its arrays into the folder given:
`N.values` (float64: after the modality's transformation), `N.shown` (float64: brightness 0 to 255, if the file has a
window or a table), `N.rgb` (8 bits) or `N.stored` (float64: of JPEG of 12 bits, as dcmtk has it, since pydicom refuses most).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import pydicom
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array


def stored_range(ds):
    bits = ds.BitsStored
    least, most = (0, 2**bits - 1) if ds.PixelRepresentation == 0 else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    slope, intercept = float(ds.get("RescaleSlope", 1) or 1), float(ds.get("RescaleIntercept", 0) or 0)
    return least * slope + intercept, most * slope + intercept


def look(ds, values):
    """Brightness 0 to 255 as pydicom has it, or nothing where the file does not say."""
    if "VOILUTSequence" in ds and ds.VOILUTSequence:
        most = 2 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
        return apply_voi_lut(values.astype("int32"), ds).astype("float64") / most * 255
    if ds.get("WindowCenter") is None or ds.get("WindowWidth") is None or "ModalityLUTSequence" in ds:
        return None
    least, most = stored_range(ds)
    return (apply_voi_lut(values, ds).astype("float64") - least) / (most - least) * 255


def of_frame(ds, number):
    """The data set as it is for one frame: with what its functional groups say."""
    merged = pydicom.Dataset()
    for keyword in ("BitsStored", "PixelRepresentation", "ModalityLUTSequence", "RescaleSlope", "RescaleIntercept",
                    "VOILUTSequence", "VOILUTFunction", "WindowCenter", "WindowWidth", "PhotometricInterpretation"):
        if keyword in ds:
            merged[keyword] = ds[keyword]
    for groups in (ds.get("SharedFunctionalGroupsSequence") or [])[:1], (ds.get("PerFrameFunctionalGroupsSequence") or [])[number:number + 1]:
        for group in groups:
            for macro in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
                for item in (group.get(macro) or [])[:1]:
                    merged.update(item)
    return merged


def decoded(ds):
    """JPEG of 8 bits by the library that browsers have: others round differently."""
    return pixel_array(ds, decoding_plugin="pillow") if is_lossy(ds) and ds.BitsStored == 8 else pixel_array(ds)


def is_lossy(ds):
    return ds.file_meta.TransferSyntaxUID in ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")


def decompressed(name):
    """The stored values of JPEG of 12 bits, by dcmtk."""
    with tempfile.NamedTemporaryFile() as plain:
        subprocess.run(["dcmdjpeg", name, plain.name], check=True, capture_output=True)
        return pixel_array(plain.name).astype("float64")


def arrays(ds):
    if is_lossy(ds) and ds.BitsStored > 8:
        return {"stored": decompressed(ds.filename)}
    pixels = decoded(ds)
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        colors = apply_color_lut(pixels, ds)
        return {"rgb": (colors >> 8 if colors.dtype.itemsize == 2 else colors).astype("uint8")}
    if ds.SamplesPerPixel == 3:
        return {"rgb": (pixels >> max(0, ds.BitsStored - 8)).astype("uint8")}
    frames = pixels if int(ds.get("NumberOfFrames") or 1) > 1 else pixels[None]
    about = [of_frame(ds, number) for number in range(len(frames))]
    values = [apply_modality_lut(frame, own).astype("float64") for frame, own in zip(frames, about)]
    shown = [look(own, frame) if "BitsStored" in own else None for frame, own in zip(values, about)]
    made = {"values": numpy.stack(values)}
    if all(frame is not None for frame in shown):
        made["shown"] = numpy.stack(shown)
    return made


def main():
    folder = Path(sys.argv[1])
    for number, name in enumerate(sys.stdin.read().splitlines()):
        try:
            ds = pydicom.dcmread(name, force=True)
            made = arrays(ds)
        except Exception as error:
            print(json.dumps({"file": name, "refused": f"{type(error).__name__}: {error}"}))
            continue
        for kind, array in made.items():
            (folder / f"{number}.{kind}").write_bytes(numpy.ascontiguousarray(array).tobytes())
        print(json.dumps({"file": name, "number": number, "kinds": list(made), "lossy": is_lossy(ds)}))


main()
