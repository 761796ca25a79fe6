"""Fetches a study over DICOMweb with dicomweb-client, and holds header and frames against the files that came whole.

Usage: dicomweb.py URL COOKIE STUDY
"""

import json
import sys

import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import get_nr_frames

url, cookie, study = sys.argv[1:]
session = requests.Session()
session.headers["Cookie"] = cookie
client = DICOMwebClient(url, session=session)


def stored_frames(whole):
    """The frames of a file as they are kept."""
    count = get_nr_frames(whole)
    if whole.file_meta.TransferSyntaxUID.is_compressed:
        return list(generate_frames(whole.PixelData, number_of_frames=count))
    length = len(whole.PixelData) // count
    return [whole.PixelData[at * length : (at + 1) * length] for at in range(count)]


seen = []
for listed in client.search_for_instances(study):
    listed = Dataset.from_json(listed)
    place = (study, listed.SeriesInstanceUID, listed.SOPInstanceUID)
    whole = client.retrieve_instance(*place)
    told = Dataset.from_json(client.retrieve_instance_metadata(*place), bulk_data_uri_handler=lambda uri: None)
    assert whole.file_meta.TransferSyntaxUID == listed.AvailableTransferSyntaxUID
    for element in whole:
        if element.keyword != "PixelData" and element.VR != "SQ":
            assert told[element.tag].value == element.value, (element, told[element.tag])
    frames = stored_frames(whole)
    numbers = sorted({1, len(frames)})
    fetched = client.retrieve_instance_frames(*place, frame_numbers=numbers)
    assert fetched == [frames[number - 1] for number in numbers]
    drawn = client.retrieve_instance_frames_rendered(*place, frame_numbers=[len(frames)], media_types=("image/jpeg",))
    assert drawn.startswith(b"\xff\xd8"), drawn[:16]
    seen.append([listed.Modality, int(listed.get("NumberOfFrames", 0)), str(whole.PatientName)])
print(json.dumps(seen))
