"""Gives the files of a folder to an Orthanc of its own, and says as JSON how many it has then, and of each that it refused
which of the UIDs it lacks that say whose it is: a file is kept as it came, also without them.

orthanc.py FOLDER
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from pydicom import dcmread

UIDS = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
STARTS_WITHIN_S = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def asked(path, body=None):
    with urllib.request.urlopen(urllib.request.Request(address + path, data=body), timeout=60) as answer:
        return json.load(answer)


def started(process):
    began = time.monotonic()
    while time.monotonic() - began < STARTS_WITHIN_S:
        assert process.poll() is None, "Orthanc ended"
        try:
            return asked("/system")
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError("Orthanc does not answer")


def is_taken(path):
    with open(path, "rb") as file:
        try:
            asked("/instances", file.read())
            return True
        except urllib.error.HTTPError:
            return False


def lacking(path):
    data_set = dcmread(path, specific_tags=UIDS, stop_before_pixels=True)
    return [uid for uid in UIDS if not data_set.get(uid)]


folder = sys.argv[1]
with tempfile.TemporaryDirectory() as place:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {
        "StorageDirectory": place,
        "IndexDirectory": place,
        "HttpPort": port,
        "DicomServerEnabled": False,
        "AuthenticationEnabled": False,
        "RemoteAccessAllowed": False,
        "OverwriteInstances": False,
    }
    configuration = os.path.join(place, "orthanc.json")
    with open(configuration, "w") as file:
        json.dump(settings, file)
    with open(os.path.join(place, "log"), "w") as log:
        process = subprocess.Popen(["Orthanc", configuration], stdout=log, stderr=log)
    try:
        started(process)
        paths = sorted(os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)
        refused = {os.path.relpath(path, folder): lacking(path) for path in paths if not is_taken(path)}
        print(json.dumps({"instances": asked("/statistics")["CountInstances"], "refused": refused}))
    finally:
        process.terminate()
        process.wait(timeout=60)
