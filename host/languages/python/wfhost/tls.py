"""The module `ssl` of a function: its names without TLS.

Libraries such as botocore and urllib3 import `ssl`, and make a context, long before they connect. Here
they can; it is the connection that fails, with the words of `limits.NETWORK`.
"""

import enum
import errno

NETWORK = ""  # Filled in when the module is loaded.


class SSLError(OSError):
    """An error of TLS."""


class SSLZeroReturnError(SSLError):
    """The connection was closed."""


class SSLWantReadError(SSLError):
    """More has to be read first."""


class SSLWantWriteError(SSLError):
    """More has to be written first."""


class SSLSyscallError(SSLError):
    """The system failed."""


class SSLEOFError(SSLError):
    """The connection broke off."""


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate was not accepted."""


CertificateError = SSLCertVerificationError
socket_error = OSError

VerifyMode = enum.IntEnum("VerifyMode", {"CERT_NONE": 0, "CERT_OPTIONAL": 1, "CERT_REQUIRED": 2})
VerifyFlags = enum.IntFlag(
    "VerifyFlags", {"VERIFY_DEFAULT": 0, "VERIFY_X509_STRICT": 0x20, "VERIFY_X509_PARTIAL_CHAIN": 0x80000}
)
TLSVersion = enum.IntEnum(
    "TLSVersion",
    {
        "MINIMUM_SUPPORTED": -2, "SSLv3": 768, "TLSv1": 769, "TLSv1_1": 770, "TLSv1_2": 771, "TLSv1_3": 772,
        "MAXIMUM_SUPPORTED": -1,
    },
)
_SSLMethod = enum.IntEnum(
    "_SSLMethod",
    {
        "PROTOCOL_TLS": 2, "PROTOCOL_TLSv1": 3, "PROTOCOL_TLSv1_1": 4, "PROTOCOL_TLSv1_2": 5,
        "PROTOCOL_TLS_CLIENT": 16, "PROTOCOL_TLS_SERVER": 17,
    },
)
Options = enum.IntFlag(
    "Options",
    {
        "OP_ALL": 0x50, "OP_NO_SSLv2": 0, "OP_NO_SSLv3": 1 << 25, "OP_NO_TLSv1": 1 << 26, "OP_NO_TLSv1_1": 1 << 28,
        "OP_NO_TLSv1_2": 1 << 27, "OP_NO_TLSv1_3": 1 << 29, "OP_NO_COMPRESSION": 1 << 17, "OP_NO_TICKET": 1 << 14,
        "OP_CIPHER_SERVER_PREFERENCE": 1 << 22, "OP_SINGLE_DH_USE": 0, "OP_SINGLE_ECDH_USE": 0,
    },
)
Purpose = enum.Enum("Purpose", {"SERVER_AUTH": "1.3.6.1.5.5.7.3.1", "CLIENT_AUTH": "1.3.6.1.5.5.7.3.2"})
for _kind in (VerifyMode, VerifyFlags, _SSLMethod, Options):
    globals().update(_kind.__members__)
PROTOCOL_SSLv23 = _SSLMethod.PROTOCOL_TLS

HAS_SNI = HAS_ALPN = HAS_NEVER_CHECK_COMMON_NAME = HAS_TLSv1_2 = HAS_TLSv1_3 = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_PSK = False
OPENSSL_VERSION = "OpenSSL 3.0.0 (its names alone: wf-host has no TLS)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000


class SSLContext:
    """Settings for connections, none of which can be made."""

    def __init__(self, protocol=_SSLMethod.PROTOCOL_TLS):
        self.protocol = protocol
        self.check_hostname = protocol == _SSLMethod.PROTOCOL_TLS_CLIENT
        self.verify_mode = VerifyMode.CERT_REQUIRED if self.check_hostname else VerifyMode.CERT_NONE
        self.verify_flags = VerifyFlags.VERIFY_DEFAULT
        self.options = Options.OP_ALL
        self.minimum_version = TLSVersion.MINIMUM_SUPPORTED
        self.maximum_version = TLSVersion.MAXIMUM_SUPPORTED
        self.post_handshake_auth = False
        self.hostname_checks_common_name = True
        self.keylog_filename = None

    def _set(self, *_, **__):
        """Takes a setting that nothing can depend on."""

    load_verify_locations = load_default_certs = set_default_verify_paths = load_cert_chain = _set
    set_ciphers = set_alpn_protocols = set_ecdh_curve = load_dh_params = _set

    def get_ca_certs(self, binary_form=False):
        """No certificate is loaded."""
        return []

    def wrap_socket(self, *_, **__):
        """There is no network."""
        error = SSLError(NETWORK)
        error.errno = errno.ENETUNREACH
        raise error

    wrap_bio = wrap_socket


class SSLSocket:
    """A connection; there is none."""


class SSLObject:
    """A connection without a socket; there is none."""


class MemoryBIO:
    """A buffer of a connection; there is none."""


def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    """A context with the usual settings."""
    return SSLContext(_SSLMethod.PROTOCOL_TLS_CLIENT)


_create_default_https_context = create_default_context
_create_unverified_context = _create_stdlib_context = SSLContext
