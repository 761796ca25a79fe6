"""Sends with pynetdicom what a test asks for: a job as JSON on standard input, what came of it on standard output.

Data sets go out byte for byte as they stand in their files: pynetdicom would decode and encode them again.
"""

import json
import ssl
import sys
import time
from contextlib import contextmanager
from io import BytesIO

from pynetdicom import AE, evt
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.presentation import build_context

MOST_CONTEXTS = 128


def associate(job, contexts):
    ae = AE(ae_title=job.get("calling", "PEER"))
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 60
    tls = None
    if "ca" in job:
        context = ssl.create_default_context(cafile=job["ca"])
        if "certificate" in job:
            context.load_cert_chain(job["certificate"], job["key"])
        tls = (context, "localhost")
    built = [build_context(abstract, list(syntaxes)) for abstract, syntaxes in contexts]
    # What came over the wire: pynetdicom takes an association for aborted if it is rejected and closed before one of its
    # threads has looked whether it was ever connected.
    rejections = []

    def note(event):
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            rejections.append(event.pdu)

    assoc = ae.associate(
        job["host"],
        job["port"],
        contexts=built,
        ae_title=job.get("called", "FILMROOM"),
        tls_args=tls,
        evt_handlers=[(evt.EVT_PDU_RECV, note)],
    )
    assoc.rejection = rejections[0] if rejections else None
    return assoc


def outcome(assoc):
    """How an association was answered, with the numbers of PS3.8."""
    if assoc.is_established:
        answered = [
            {"abstract": c.abstract_syntax, "result": c.result, "syntax": c.transfer_syntax[0]}
            for c in assoc.accepted_contexts
        ]
        answered += [{"abstract": c.abstract_syntax, "result": c.result} for c in assoc.rejected_contexts]
        return {"outcome": "accepted", "contexts": answered}
    if (said := assoc.rejection) is not None:
        return {
            "outcome": "rejected",
            "result": said.result,
            "source": said.source,
            "reason": said.reason_diagnostic,
        }
    answered = [{"abstract": c.abstract_syntax, "result": c.result} for c in assoc.rejected_contexts]
    return {"outcome": "aborted", "contexts": answered}


def request_of(item, number):
    with open(item["path"], "rb") as file:
        file.seek(item["offset"])
        data_set = file.read()
    request = C_STORE()
    request.MessageID = number % 65535 + 1
    request.AffectedSOPClassUID = item["class"]
    request.AffectedSOPInstanceUID = item["uid"]
    request.Priority = 2
    request.DataSet = BytesIO(data_set)
    return request


def context_of(assoc, item):
    for context in assoc.accepted_contexts:
        if context.abstract_syntax == item["class"] and context.transfer_syntax[0] == item["syntax"]:
            return context.context_id
    return None


@contextmanager
def answers_are_ours(assoc):
    """Keeps the association's own thread from taking the answers.

    send_c_store pauses it for each message, and when the next follows at once takes it for paused although it
    is just waking up: now and then an answer is lost. Here it rests as long as messages are sent.
    """
    assoc._reactor_checkpoint.clear()
    while not assoc._is_paused:
        time.sleep(0.001)
    try:
        yield
    finally:
        assoc._reactor_checkpoint.set()


def send_one(assoc, item, number):
    if not assoc.is_established:
        return "no association"
    context = context_of(assoc, item)
    if context is None:
        return "not accepted"
    assoc.dimse.send_msg(request_of(item, number), context)
    _, answer = assoc.dimse.get_msg(block=True)
    return "no answer" if answer is None else f"{answer.Status:04X}"


def store(job):
    """Each item in its own SOP class and transfer syntax, in as few associations as that takes."""
    items, statuses, associations = job["items"], {}, 0
    pairs = list(dict.fromkeys((item["class"], item["syntax"]) for item in items))
    for start in range(0, len(pairs), MOST_CONTEXTS):
        part = pairs[start : start + MOST_CONTEXTS]
        assoc = associate(job, [(abstract, [syntax]) for abstract, syntax in part])
        associations += 1
        ours = [item for item in items if (item["class"], item["syntax"]) in part]
        if not assoc.is_established:
            statuses.update({item["name"]: "no association" for item in ours})
            continue
        with answers_are_ours(assoc):
            for number, item in enumerate(ours):
                statuses[item["name"]] = send_one(assoc, item, number)
        assoc.release()
    return {"statuses": statuses, "associations": associations}


def negotiate(job):
    """Several associations at once, held until all were answered, then released."""
    held = [associate(job, job["contexts"]) for _ in range(job.get("associations", 1))]
    answers = [outcome(assoc) for assoc in held]
    for assoc in held:
        if assoc.is_established:
            if job.get("echo"):
                answers[0]["echo"] = f"{assoc.send_c_echo().Status:04X}"
            assoc.release()
    return {"answers": answers}


def abort(job):
    """Half of a data set, then an abort."""
    item = job["items"][0]
    assoc = associate(job, [(item["class"], [item["syntax"]])])
    message = C_STORE_RQ()
    message.primitive_to_message(request_of(item, 1))
    fragments = list(message.encode_msg(context_of(assoc, item), assoc.acceptor.maximum_length))
    sent = fragments[: len(fragments) // 2 + 1]
    for fragment in sent:
        assoc.dul.send_pdu(fragment)
    time.sleep(0.3)
    assoc.abort()
    return {"fragments": len(fragments), "sent": len(sent)}


def idle(job):
    """Says nothing until the other end gives up."""
    assoc = associate(job, job["contexts"])
    begun = time.monotonic()
    while assoc.is_established and time.monotonic() - begun < 60:
        time.sleep(0.05)
    return {"outcome": outcome(assoc)["outcome"], "seconds": time.monotonic() - begun}


def main():
    job = json.load(sys.stdin)
    jobs = {"store": store, "negotiate": negotiate, "abort": abort, "idle": idle}
    json.dump(jobs[job["job"]](job), sys.stdout)


main()
