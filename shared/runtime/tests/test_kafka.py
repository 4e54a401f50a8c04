"""What settings say of how Kafka is reached. That it is reached so: tests/integration/test_secured_kafka.py."""

import ssl

import pytest
from pydantic import ValidationError

from deploy.local.certificate import certificate
from shared.runtime import kafka
from shared.runtime.settings import KafkaSettings

CA, _ = certificate()


def settings(**given: str) -> KafkaSettings:
    return KafkaSettings.model_validate({"kafka_bootstrap": "kafka:9092", **given})


def test_whoever_says_nothing_of_it_speaks_in_plain_text_as_before() -> None:
    assert kafka.client(settings()) == {"bootstrap_servers": "kafka:9092"}


def test_with_an_authority_all_goes_by_tls_and_it_alone_is_trusted_for_this_host() -> None:
    told = kafka.client(settings(kafka_ca=CA))
    assert told["security_protocol"] == "SSL"
    context = told["ssl_context"]
    assert (context.verify_mode, context.check_hostname, len(context.get_ca_certs())) == (ssl.CERT_REQUIRED, True, 1)


def test_with_a_name_it_is_proved_without_telling_the_password() -> None:
    told = kafka.client(settings(kafka_ca=CA, kafka_user="geo", kafka_password="secret"))
    assert (told["security_protocol"], told["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (told["sasl_plain_username"], told["sasl_plain_password"]) == ("geo", "secret")


BOTH = "Kafka needs both kafka_user and kafka_password, or none of the two"
REFUSED: list[tuple[dict[str, str], str]] = [
    ({"kafka_ca": CA, "kafka_user": "geo"}, BOTH),
    ({"kafka_ca": CA, "kafka_password": "secret"}, BOTH),
    ({"kafka_user": "geo", "kafka_password": "secret"}, "a password is never sent in the clear: give kafka_ca too"),
    ({"kafka_ca": "/etc/ca.crt"}, "must be a certificate in PEM, the authority's and not the path of its file"),
    ({"kafka_ca": "/etc/ca.crt", "kafka_user": "geo", "kafka_password": "secret"}, "must be a certificate in PEM"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_half_of_it_is_refused_in_a_sentence(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**given)
    (fault,) = refused.value.errors()
    assert said in fault["msg"]


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(settings(kafka_ca=CA, kafka_user="geo", kafka_password="secret"))
