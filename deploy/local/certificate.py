"""A certificate for this machine, and the authority that made it, for as long as a test lasts."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


def certificate() -> tuple[str, str]:
    """An authority made for this once, and in one text the key and the certificate that it gave to HOST, both in PEM."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    above = _certified("authority", authority, authority, x509.BasicConstraints(ca=True, path_length=0))
    below = _certified(HOST, key, authority, x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]))
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return above, private + below


def _certified(
    name: str, key: ec.EllipticCurvePrivateKey, authority: ec.EllipticCurvePrivateKey, about: x509.ExtensionType
) -> str:
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(about, critical=isinstance(about, x509.BasicConstraints))
        .sign(authority, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
