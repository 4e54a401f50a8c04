"""The same broker with a second listener: by TLS, with names and passwords, and nobody may do what was not granted.

For tests. The plain listener stays, and whoever comes by that one may do everything: it is how users are made (`kafka_users`).
"""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local import kafka
from deploy.local.kafka import Kafka, More
from deploy.local.ports import free_port
from deploy.local.process import Processes

HOST = "127.0.0.1"
LINES = """\
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secured.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secured.ssl.keystore.type=PEM
listener.name.secured.ssl.keystore.location={keystore}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


@dataclass(frozen=True)
class Secured:
    """The broker, where its second listener is, and the authority of its certificate."""

    kafka: Kafka
    bootstrap: str
    ca: str


def launch(processes: Processes, data: Path) -> Secured:
    """Started, not yet ready."""
    port = free_port()
    ca, keystore = certificate()
    place = processes.scratch / "kafka.pem"
    place.write_text(keystore)
    more = More(f",SECURED://{HOST}:{port}", LINES.format(keystore=place))
    return Secured(kafka.launch(processes, data, more=more), f"{HOST}:{port}", ca)


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
