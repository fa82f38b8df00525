"""The artist's own key for Content Credentials: made once, on this computer, never sent anywhere.

One file holds a certificate chain and the key of its first certificate. The key of the certificate
above it is thrown away at once: nothing else can ever be signed in its name.

Sources: C2PA specification 2.2, §14.5 (certificate profile); RFC 5280.
"""

import contextlib
import datetime
import os
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from studio.core.errors import StorageError
from studio.files.atomic import storage_error, write_atomic

KEY_FILE: Final = "signing.pem"
PRIVATE_MODE: Final = 0o600
SIGNER: Final = "The artist"
# What a reader shows as the issuer.
ISSUER: Final = "Signed by the artist, not by an authority"
_YEARS: Final = 20
_KEY_BEGIN: Final = b"-----BEGIN PRIVATE KEY-----"


class SigningKey(msgspec.Struct, frozen=True):
    """PEM texts: certificates, the signer's first, and the private key of the first."""

    chain: bytes
    private_key: bytes


def signing_key(folder: Path) -> SigningKey:
    """Give the artist's key, made now when there is none.

    Args:
        folder: Where it lies; made when missing.

    Raises:
        StorageError: It cannot be read, written or understood.
        ImportError: The library that makes keys is not installed.
    """
    path = folder / KEY_FILE
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another program made it in this instant
            write_atomic(path, _write_private, name="the key that signs", is_new=True)
    try:
        if os.name != "nt" and path.stat().st_mode & 0o077:
            path.chmod(PRIVATE_MODE)
        content = path.read_bytes()
    except OSError as error:
        raise storage_error(error, path, name="the key that signs") from error
    chain, begin, key = content.partition(_KEY_BEGIN)
    if b"BEGIN CERTIFICATE" not in chain or not begin:
        raise StorageError(
            "The key that signs is damaged, so nothing was signed.",
            f"Remove the file {KEY_FILE} from the program's settings folder: a new key is made.",
        )
    return SigningKey(chain, begin + key)


def _write_private(file: BinaryIO) -> None:
    if hasattr(os, "fchmod"):  # before the key is in it; Windows keeps the folder to its user
        os.fchmod(file.fileno(), PRIVATE_MODE)
    made = _new_key()
    file.write(made.chain + made.private_key)


def _new_key() -> SigningKey:
    """Give a new key with its chain of two certificates."""
    # 60 ms, and only for those who sign.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415

    def named(name: str) -> x509.Name:
        parts = ((NameOID.ORGANIZATION_NAME, ISSUER), (NameOID.COMMON_NAME, name))
        return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])

    def certificate(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("This computer"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))  # clocks differ
            .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )

    def usage(*, is_authority: bool) -> x509.KeyUsage:
        rest = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "crl_sign", "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        return x509.KeyUsage(digital_signature=not is_authority, key_cert_sign=is_authority, **rest)

    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = (
        certificate("This computer", above)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(usage(is_authority=True), True)
        .sign(above, hashes.SHA256())
    )
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    leaf = (
        certificate(SIGNER, own)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(usage(is_authority=False), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(issuer, False)
        .sign(above, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    chain = leaf.public_bytes(pem) + root.public_bytes(pem)
    return SigningKey(chain, own.private_bytes(pem, *plain))
