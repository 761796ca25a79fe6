"""Reads a ZIP archive with Python's zipfile and says what it found, as JSON.

read_zip.py ARCHIVE whole         reads every entry to its end
read_zip.py ARCHIVE entry NAME    lists the entries and reads one of them
"""

import json
import sys
import zipfile

archive = zipfile.ZipFile(sys.argv[1])
found = {
    "entries": len(archive.infolist()),
    "longest": max((entry.file_size for entry in archive.infolist()), default=0),
}
if sys.argv[2] == "whole":
    found["broken"] = archive.testzip()
else:
    found["text"] = archive.read(sys.argv[3]).decode()
print(json.dumps(found))
