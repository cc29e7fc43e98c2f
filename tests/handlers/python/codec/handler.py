import base64
import binascii
import copy
import gzip
import hashlib
import hmac
import pickle
import struct
import zlib


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def lambda_handler(event, context):
    data = event["text"].encode()
    packed = gzip.compress(data, mtime=0)
    point = pickle.loads(pickle.dumps(Point(1, [2])))
    twin = copy.deepcopy(point)
    twin.y.append(3)
    assert point.y == [2] and gzip.decompress(packed) == data and zlib.decompress(zlib.compress(data)) == data
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "blake2": hashlib.blake2b(data, digest_size=8).hexdigest(),
        "signature": hmac.new(b"key", data, hashlib.sha256).hexdigest(),
        "same": hmac.compare_digest(b"a", b"a"),
        "key": hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2).hex(),
        "base64": base64.urlsafe_b64encode(data).decode(),
        "crc": binascii.crc32(data),
        "packed": struct.pack(">IhB", 1, -2, 3).hex(),
        "twin": twin.y,
    }
