"""The same broker with a second listener: by TLS, with names and passwords, and nobody may do what was not granted.

For tests. The plain listener stays, and whoever comes by that one may do everything: it is how users are made (`kafka_users`).
"""

from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka
from deploy.local.certificate import HOST, certificate
from deploy.local.kafka import Kafka, More
from deploy.local.ports import free_port
from deploy.local.process import Processes

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
