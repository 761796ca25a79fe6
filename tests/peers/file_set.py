"""Opens a file-set with pydicom and says what its DICOMDIR refers to, as JSON.

file_set.py FOLDER
"""

import json
import os
import sys
import warnings

from pydicom import dcmread
from pydicom.fileset import FileSet

warnings.simplefilter("ignore")
folder = sys.argv[1]
# Following the directory's links does not find a record that nothing leads to.
for record in dcmread(os.path.join(folder, "DICOMDIR")).DirectoryRecordSequence:
    if "ReferencedFileID" in record:
        assert os.path.exists(os.path.join(folder, *record.ReferencedFileID)), record.ReferencedFileID
files = []
for instance in FileSet(os.path.join(folder, "DICOMDIR")):
    path = os.path.relpath(instance.path, folder)
    meta = dcmread(instance.path, specific_tags=[], stop_before_pixels=True).file_meta
    assert meta.TransferSyntaxUID == instance.ReferencedTransferSyntaxUIDInFile, path
    study = getattr(instance, "StudyInstanceUID", None)  # Palettes and the like belong to none.
    files.append({"file": path.replace(os.sep, "/"), "uid": instance.SOPInstanceUID, "study": study})
print(json.dumps({"files": files}))
