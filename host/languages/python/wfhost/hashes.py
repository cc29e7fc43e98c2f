"""Key derivation for `hashlib`, which takes it from OpenSSL elsewhere."""

import hashlib
import hmac


def install():
    """Puts it where functions look for it."""
    hashlib.pbkdf2_hmac = pbkdf2_hmac


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """A key of `dklen` bytes from a password, by RFC 8018's PBKDF2."""
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    keyed = hmac.new(password, digestmod=hash_name)
    length = keyed.digest_size if dklen is None else dklen
    if length < 1:
        raise ValueError("key length must be greater than 0.")
    key, block = b"", 0
    while len(key) < length:
        block += 1
        key += _block(keyed, salt + block.to_bytes(4, "big"), iterations)
    return key[:length]


def _block(keyed, seed, iterations):
    total = 0
    for _ in range(iterations):
        turn = keyed.copy()
        turn.update(seed)
        seed = turn.digest()
        total ^= int.from_bytes(seed, "big")
    return total.to_bytes(keyed.digest_size, "big")
