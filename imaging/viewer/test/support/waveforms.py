"""What pydicom makes of the waveforms of files: one file name a line in, a line of JSON out for each group of channels."""

import json
import sys

import pydicom

for name in sys.stdin.read().splitlines():
    ds = pydicom.dcmread(name)
    for number, group in enumerate(ds.WaveformSequence):
        if group.WaveformSampleInterpretation == "MB":
            continue
        values = ds.waveform_array(number).T.tolist()
        channels = [channel.ChannelSourceSequence[0].CodeMeaning for channel in group.ChannelDefinitionSequence]
        units = [channel.ChannelSensitivityUnitsSequence[0].CodeValue for channel in group.ChannelDefinitionSequence]
        print(json.dumps({"file": name, "number": number, "label": group.MultiplexGroupLabel, "frequency": float(group.SamplingFrequency), "channels": channels, "units": units, "values": values}))
