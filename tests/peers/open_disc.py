"""Opens a sealed disc, written from docs/sealed-disc.md alone and from nothing else of the program.

    open_disc.py FOLDER CODE-FILE OUT    opens the disc in FOLDER, saves its files to OUT, prints what they are
    open_disc.py --vectors PAGE          works through the test vectors of the format's page

Needs `cryptography` from PyPI.
"""

import hashlib
import json
import pathlib
import re
import struct
import sys
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DAMM = """
0317598642
7092154863
4206871359
1750983426
6123045978
3674209581
5869720134
8945362017
9438617205
2581436790
""".split()


class Refused(Exception):
    """Says what is wrong with the disc or the code."""


def normal_form(typed):
    """Section 4: the text that a code's key is derived from."""
    plain = ""
    for c in typed:
        for zero in (0x660, 0x6F0, 0xFF10):
            if zero <= ord(c) < zero + 10:
                c = str(ord(c) - zero)
        plain += c.lower() if c.isascii() else " "
    pieces = re.findall("[a-z0-9]+", plain)
    if not re.search("[a-z]", plain):
        digits = "".join(pieces)
        if len(digits) != 30:
            raise Refused("thirty digits are needed")
        pieces = [digits[at : at + 5] for at in range(0, 30, 5)]
        for number, group in enumerate(pieces, 1):
            interim = number
            for digit in group:
                interim = int(DAMM[interim][int(digit)])
            if interim != 0:
                raise Refused(f"there is a slip in group {number}")
    elif len(pieces) != 6 or not all(re.fullmatch("[a-z]+", piece) for piece in pieces):
        raise Refused("six words are needed")
    return "-".join(pieces)


def carried(file, disc, name):
    """Section 2: the bytes of a part from its file, and the disc id in its prefix."""
    prefix = re.match(rb'part\("([0-9a-f]{32})","([HIB][0-9]{7})",function\(\)\{/\*', file)
    if not prefix:
        raise Refused(f"{name} is damaged")
    if disc and prefix[1].decode() != disc:
        raise Refused(f"{name} is from another disc")
    end = file.find(b"*/", 64)
    if prefix[2].decode() != name or end < 0 or file[end : end + 5] != b"*/});":
        raise Refused(f"{name} is damaged")
    return file[64:end].replace(b"*\\", b"*"), prefix[1].decode()


class Head:
    """Section 3."""

    def __init__(self, content):
        self.header = content[:112]
        (magic, self.disc, kdf, slots, zero, self.iterations, self.segment, self.index, self.parts, zero2) = (
            struct.unpack(">8s16sBBHIIIII", self.header[:48])
        )
        self.salt, self.recipe_digest = self.header[48:80], self.header[80:112]
        self.slots = [content[112 + 60 * s : 172 + 60 * s] for s in range(slots)]
        known = magic == b"FRDISC1\0" and kdf == 2 and 1 <= slots <= 8 and zero == zero2 == 0
        known = known and len(content) == 144 + 60 * slots
        known = known and 600_000 <= self.iterations <= 10_000_000 and self.parts >= 1
        known = known and self.segment % 65536 == 0 and 0 < self.segment <= 4_194_304
        known = known and self.index % 65536 == 0 and self.index > 0
        if not known or hashlib.sha256(content[:-32]).digest() != content[-32:]:
            raise Refused("the head is damaged")
        self.digest = hashlib.sha256(self.header).digest()

    def code_key(self, normal):
        return hashlib.pbkdf2_hmac("sha256", normal.encode(), self.salt, self.iterations, 32)

    def data_key(self, code_key):
        for number, slot in enumerate(self.slots):
            try:
                return AESGCM(code_key).decrypt(slot[:12], slot[12:], self.header + b"slot" + bytes([number]))
            except InvalidTag:
                continue
        raise Refused("the code is wrong")

    def stream_key(self, data_key, stream):
        info = b"filmroom disc " + stream.encode()
        return HKDF(hashes.SHA256(), 32, salt=self.digest, info=info).derive(data_key)

    def unseal(self, key, name, sealed, last):
        nonce = bytes(7) + struct.pack(">I", int(name[1:])) + bytes([last])
        try:
            return AESGCM(key).decrypt(nonce, sealed, self.digest + name.encode())
        except InvalidTag:
            raise Refused(f"{name} is damaged") from None


def read(folder, disc, name):
    try:
        file = (folder / "DATA" / f"{name}.JS").read_bytes()
    except OSError:
        raise Refused(f"{name} is missing") from None
    return file, *carried(file, disc, name)


def part(folder, head, key, name, plain, last):
    file, sealed, _ = read(folder, head.disc.hex(), name)
    if len(sealed) != plain + 16 or len(file) != plain + 4096 or file[-1:] != b"\n":
        raise Refused(f"{name} is damaged")
    return head.unseal(key, name, sealed, last)


def open_disc(folder, code, out):
    file, content, disc = read(folder, None, "H0000000")
    head = Head(content)
    if len(file) != 4096 or disc != head.disc.hex():
        raise Refused("the head is damaged")
    data_key = head.data_key(head.code_key(normal_form(code)))

    key = head.stream_key(data_key, "index")
    count = -(-head.index // head.segment)
    lengths = [min(head.segment, head.index - i * head.segment) for i in range(count)]
    plain = b"".join(
        part(folder, head, key, f"I{i:07}", length, i == count - 1) for i, length in enumerate(lengths)
    )
    if hashlib.sha256(plain).digest() != head.recipe_digest:
        raise Refused("the index is not the one of the head")
    index = json.loads(plain)
    if index["format"] != "filmroom disc 1" or max(1, -(-index["body_bytes"] // head.segment)) != head.parts:
        raise Refused("the index is not one of this format")

    key = head.stream_key(data_key, "body")
    body = b"".join(
        part(folder, head, key, f"B{i:07}", head.segment, i == head.parts - 1) for i in range(head.parts)
    )
    end = 0
    for entry in index["files"]:
        placed = body[entry["offset"] : entry["offset"] + entry["bytes"]]
        if entry["offset"] != end or len(placed) != entry["bytes"]:
            raise Refused("the files have gaps")
        end += entry["bytes"]
        if entry["method"] == "deflate":
            inflater = zlib.decompressobj(-15)
            source = inflater.decompress(placed)
            if not inflater.eof or inflater.unused_data:
                raise Refused(f"{entry['path']} is not one deflate stream")
        else:
            source = placed
        if len(source) != entry["source_bytes"] or hashlib.sha256(source).hexdigest() != entry["sha256"]:
            raise Refused(f"{entry['path']} is not what the index says")
        component = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?"
        if not re.fullmatch(f"{component}(/{component}){{0,7}}", entry["path"]):
            raise Refused("a path leads elsewhere")
        target = out / entry["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source)
    if end != index["body_bytes"] or any(body[end:]):
        raise Refused("the body is not as long as its files")
    return index


def vectors(page):
    told = dict(re.findall(r"^([a-z0-9 .]+?) += (.+)$", page.split("## 8.")[1], re.M))
    content = bytes.fromhex(told["header"] + told["slot 0"] + told["slot 1"] + told["checksum"])
    head = Head(content)
    assert head.digest.hex() == told["h"]
    for slot in (0, 1):
        normal = normal_form(told[f"typed {slot}"])
        assert normal == told[f"normal form {slot}"], normal
        key = head.code_key(normal)
        assert key.hex() == told[f"code key {slot}"]
        assert head.data_key(key).hex() == told["data key"]
    data_key = bytes.fromhex(told["data key"])
    index_key, body_key = head.stream_key(data_key, "index"), head.stream_key(data_key, "body")
    assert index_key.hex() == told["index key"] and body_key.hex() == told["body key"]
    index = told["index"].encode().ljust(65536)
    assert hashlib.sha256(index).digest() == head.recipe_digest
    sealed = {
        "H0000000": (content, 4096),
        "I0000000": (seal(head, index_key, "I0000000", index), 69632),
        "B0000000": (seal(head, body_key, "B0000000", told["body"].encode().ljust(65536, b"\0")), 69632),
    }
    for name, (content, length) in sealed.items():
        escaped = re.sub(rb"\*(?=[/\\])", rb"*\\", content)
        file = f'part("{head.disc.hex()}","{name}",function(){{/*'.encode() + escaped + b"*/});"
        file = file.ljust(length - 1) + b"\n"
        assert hashlib.sha256(file).hexdigest() == told[f"data {name.lower()}.js"], name
        assert carried(file, None, name)[0] == content
    return {"vectors": len(told)}


def seal(head, key, name, plain):
    nonce = bytes(7) + bytes(4) + b"\1"
    return AESGCM(key).encrypt(nonce, plain, head.digest + name.encode())


def main(arguments):
    try:
        if arguments[0] == "--vectors":
            print(json.dumps(vectors(pathlib.Path(arguments[1]).read_text())))
        else:
            folder, code, out = (pathlib.Path(argument) for argument in arguments)
            print(json.dumps(open_disc(folder, code.read_text(), out)))
    except Refused as refused:
        print(json.dumps({"refused": str(refused)}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
