"""The texts of DICOM files as pydicom decodes them: one file name a line in, a line of JSON out for each.

`texts` has each text element that says something: `[path, text]`, where a path is made of tags (in hex) and of the
numbers of items.
"""

import json
import sys

import pydicom

TEXTS = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}


def texts(ds, path=()):
    for element in ds:
        here = (*path, f"{int(element.tag):08x}")
        if element.tag.is_private:
            continue
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from texts(item, (*here, number))
        elif element.VR in TEXTS and element.value:
            values = [element.value] if isinstance(element.value, (str, pydicom.valuerep.PersonName)) else element.value
            yield list(here), "\\".join(str(value) for value in values)


for name in sys.stdin.read().splitlines():
    try:
        found = list(texts(pydicom.dcmread(name, stop_before_pixels=True)))
    except Exception as error:
        print(json.dumps({"file": name, "refused": f"{type(error).__name__}: {error}"}))
        continue
    print(json.dumps({"file": name, "texts": found}))
