#!/usr/bin/env python3
"""Checks a ledger receipt offline, sharing no code with the ledger.

    verify_receipt.py RECEIPT --vkey VKEY --entry ENTRY

RECEIPT is a file in the C2SP tlog-proof form, ENTRY holds the entry's canonical bytes, VKEY is the log's verifier key
in the C2SP signed-note form (or @FILE that holds it). Python 3.8 or later and its standard library are all it needs.

Written from these texts alone:
  RFC 6962  §2.1 (Merkle tree hash), §2.1.1 (audit path)
  RFC 8032  §5.1 (Ed25519)
  C2SP      signed-note, tlog-checkpoint, tlog-proof

Exit code 0: the entry is in the log that the key signs for. 1: it is not, with the reason. 2: called wrongly.
"""

import argparse
import base64
import hashlib
import re
import sys


class Refused(Exception):
    """The receipt does not prove what it should."""


# --- RFC 8032 §5.1: Ed25519 -------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    """Addition in extended homogeneous coordinates (§5.1.4)."""
    e1, e2 = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    e3, e4 = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = e2 - e1, e4 - e3, e4 + e3, e2 + e1
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_decompress(data):
    """§5.1.3: 32 bytes to a point, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = point_decompress(BASE_Y.to_bytes(32, "little"))


def ed25519_verify(public_key, message, signature):
    """§5.1.7, without the cofactor."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    a, r = point_decompress(public_key), point_decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    return point_equal(point_multiply(s, BASE), point_add(r, point_multiply(k, a)))


# --- C2SP signed-note -------------------------------------------------------------------------------------------


def decode_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(f"{what} is no base64") from None
    if base64.b64encode(data).decode() != text:
        raise Refused(f"{what} is not in the one base64 spelling of its bytes")
    return data


def parse_vkey(vkey):
    """<name>+<8 hex digits>+<base64(type || key)> -> (name, key id, public key)."""
    parts = vkey.strip().split("+", 2)
    if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise Refused("the vkey is not in the form name+id+key")
    material = decode_base64(parts[2], "the vkey's key")
    if len(material) != 33 or material[0] != 0x01:
        raise Refused("the vkey is no Ed25519 key")
    key_id = hashlib.sha256(parts[0].encode() + b"\n" + material).digest()[:4]
    if key_id.hex() != parts[1]:
        raise Refused("the vkey's id is not that of its name and key")
    return parts[0], key_id, material[1:]


def open_note(note, vkey):
    """The note's text, once a signature by the key has been verified."""
    name, key_id, public_key = vkey
    if any(ord(c) < 0x20 and c != "\n" for c in note) or not note.endswith("\n"):
        raise Refused("the checkpoint is no note")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures:
        raise Refused("the checkpoint has no signatures")
    text += "\n"
    signed = False
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        if not match:
            raise Refused("a signature line cannot be read")
        value = decode_base64(match.group(2), "a signature")
        if len(value) < 5:
            raise Refused("a signature is too short")
        if match.group(1) != name or value[:4] != key_id:
            continue
        if not ed25519_verify(public_key, text.encode(), value[4:]):
            raise Refused("the log's signature does not verify")
        signed = True
    if not signed:
        raise Refused("no signature by the log's key")
    return text


# --- C2SP tlog-checkpoint, tlog-proof ---------------------------------------------------------------------------


def parse_decimal(text, what):
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text):
        raise Refused(f"{what} is no decimal number")
    return int(text)


def parse_hash(text, what):
    data = decode_base64(text, what)
    if len(data) != 32:
        raise Refused(f"{what} is no SHA-256 hash")
    return data


def parse_checkpoint(text):
    """Note text -> (origin, tree size, root)."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1]:
        raise Refused("the checkpoint has not the lines of one")
    return lines[0], parse_decimal(lines[1], "the tree size"), parse_hash(lines[2], "the root")


def parse_proof(text):
    """tlog-proof -> (index, path, note)."""
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Refused("the file is no tlog-proof")
    lines = lines[1:]
    if lines and lines[0].startswith("extra "):
        lines = lines[1:]
    if not lines or not lines[0].startswith("index "):
        raise Refused("the proof has no index")
    path = [parse_hash(line, "a hash of the proof") for line in lines[1:]]
    if len(path) > 63:
        raise Refused("the proof has more hashes than a tree has levels")
    return parse_decimal(lines[0][6:], "the index"), path, note


# --- RFC 6962 §2.1 ----------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def root_from_path(leaf, index, size, path):
    """The root that PATH(index, D[size]) leads to, following the recursion of §2.1.1 from the top down."""
    if size == 1:
        if path:
            raise Refused("the proof has too many hashes")
        return leaf
    if not path:
        raise Refused("the proof has too few hashes")
    k = 1
    while k * 2 < size:
        k *= 2
    if index < k:
        return sha256(b"\x01" + root_from_path(leaf, index, k, path[:-1]) + path[-1])
    return sha256(b"\x01" + path[-1] + root_from_path(leaf, index - k, size - k, path[:-1]))


def verify(receipt, entry, vkey_text):
    """What the receipt proves, in words. Raises Refused where it does not."""
    vkey = parse_vkey(vkey_text)
    index, path, note = parse_proof(receipt)
    origin, size, root = parse_checkpoint(open_note(note, vkey))
    if origin != vkey[0]:
        raise Refused("the checkpoint is of another log than the key")
    if index >= size:
        raise Refused("the index lies outside the tree")
    if root_from_path(sha256(b"\x00" + entry), index, size, path) != root:
        raise Refused("the proof does not lead from the entry to the root")
    return f"entry {index} is in {origin} as of size {size}"


def main():
    parser = argparse.ArgumentParser(description="Check a ledger receipt offline.")
    parser.add_argument("receipt", help="file in the tlog-proof form")
    parser.add_argument("--vkey", required=True, help="the log's verifier key, or @FILE")
    parser.add_argument("--entry", required=True, help="file with the entry's canonical bytes")
    arguments = parser.parse_args()
    try:
        vkey = arguments.vkey
        if vkey.startswith("@"):
            with open(vkey[1:], encoding="utf-8") as file:
                vkey = file.read()
        with open(arguments.receipt, "rb") as file:
            receipt = file.read()
        with open(arguments.entry, "rb") as file:
            entry = file.read()
    except OSError as problem:
        print(f"cannot read: {problem}", file=sys.stderr)
        return 2
    try:
        print("ok:", verify(receipt.decode("utf-8"), entry, vkey))
        return 0
    except UnicodeDecodeError:
        print("refused: the receipt is no UTF-8", file=sys.stderr)
    except Refused as reason:
        print(f"refused: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
