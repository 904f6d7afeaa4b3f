# SPDX-License-Identifier: Apache-2.0
"""Verifies a signature of version 2 with nothing of this project: written from the specifications alone.

DSSE protocol and envelope 1.0.0 (github.com/secure-systems-lab/dsse), in-toto Statement v1
(github.com/in-toto/attestation/blob/main/spec/v1/statement.md), Ed25519 as in RFC 8032, section 5.1.

Usage: verify_dsse.py ENVELOPE PACKAGE PUBLIC_KEY_HEX...
Prints the statement's name and version and the fingerprints of the keys that signed it; status 1 if it does not verify.
"""
import base64
import hashlib
import json
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def x_of(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * I % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519(key, message, signature):
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


def decode(text):
    return base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)


def pae(payload_type, payload):
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def main(envelope_file, package_file, *keys):
    with open(envelope_file, encoding="utf-8") as file:
        envelope = json.load(file)
    payload = decode(envelope["payload"])
    message = pae(envelope["payloadType"], payload)
    trusted = {hashlib.sha256(bytes.fromhex(key)).hexdigest(): bytes.fromhex(key) for key in keys}
    accepted = [
        one["keyid"]
        for one in envelope["signatures"]
        if one.get("keyid") in trusted and ed25519(trusted[one["keyid"]], message, decode(one["sig"]))
    ]
    if not accepted or envelope["payloadType"] != "application/vnd.in-toto+json":
        return "no signature by a trusted key"
    statement = json.loads(payload)
    if statement["_type"] != "https://in-toto.io/Statement/v1":
        return "another type of statement"
    with open(package_file, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    if digest not in [subject["digest"]["sha256"] for subject in statement["subject"]]:
        return "not about this package"
    print(statement["predicateType"], statement["predicate"]["name"], statement["predicate"]["version"])
    for key in accepted:
        print(key)
    return 0


if __name__ == "__main__":
    # The example of the DSSE specification, and RFC 8032, section 7.1, test 2.
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert ed25519(
        bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
        b"\x72",
        bytes.fromhex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    )
    sys.exit(main(*sys.argv[1:]))
