from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook, WebhookVerificationError

from finder.hooks import signing
from finder.hooks.signing import Seal, Secrets, mark_of, new_message_id, new_secret, signature

BODY = '{"type":"listings.changed","name":"Círculo"}'.encode()
KEY = Fernet.generate_key()


def now() -> datetime:
    return datetime.now(UTC)


def test_the_library_of_the_standard_verifies_what_is_signed() -> None:
    secrets = Secrets(new_secret())
    assert Webhook(secrets.newest).verify(BODY, secrets.headers("msg_1", BODY, now()))["name"] == "Círculo"


def test_the_signature_is_the_one_of_the_library_letter_by_letter() -> None:
    secret, at = new_secret(), datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert signature(secret, "msg_1", int(at.timestamp()), BODY) == Webhook(secret).sign("msg_1", at, BODY.decode())


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_nothing_of_a_message_can_be_changed(change: str) -> None:
    secrets = Secrets(new_secret())
    headers, body, secret = secrets.headers("msg_1", BODY, now()), BODY, secrets.newest
    if change == "body":
        body = BODY.replace(b"listings", b"Listings")
    elif change == "secret":
        secret = new_secret()
    else:
        headers[change] = "msg_2" if change == "webhook-id" else str(int(headers[change]) + 1)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret).verify(body, headers)


def test_a_secret_has_as_many_random_bytes_as_the_standard_asks() -> None:
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert len({new_secret() for _ in range(100)}) == 100


def test_the_name_of_a_message_cannot_be_read_as_part_of_what_is_signed() -> None:
    names = {new_message_id() for _ in range(500)}
    assert len(names) == 500
    assert all(name.startswith("msg_") and "." not in name for name in names)


def test_for_a_day_a_message_is_signed_with_the_old_secret_as_well() -> None:
    first = Secrets(new_secret())
    second = first.renewed(now())
    headers = second.headers("msg_1", BODY, now())
    for secret in (first.newest, second.newest):
        assert Webhook(secret).verify(BODY, headers)
    late = second.headers("msg_1", BODY, now() + timedelta(hours=24))["webhook-signature"]
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert len(late.split(" ")) == 1


def test_of_secrets_that_were_replaced_in_a_hurry_the_last_two_still_sign() -> None:
    secrets, all_of_them = Secrets(new_secret()), []
    for _ in range(4):
        all_of_them.append(secrets.newest)
        secrets = secrets.renewed(now())
    headers = secrets.headers("msg_1", BODY, now())
    assert len(headers["webhook-signature"].split(" ")) == 1 + signing.MOST_OLD
    for secret in (secrets.newest, *all_of_them[-2:]):
        assert Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(all_of_them[0]).verify(BODY, headers)


def test_secrets_are_sealed_and_only_the_right_key_opens_them() -> None:
    secrets = Secrets(new_secret()).renewed(now())
    sealed = Seal(KEY).closed(secrets)
    assert Seal(KEY).opened(sealed) == secrets
    assert secrets.newest.encode() not in sealed
    assert Seal(Fernet.generate_key()).opened(sealed) is None
    assert Seal(KEY).opened(sealed[:-1]) is None


def test_a_secret_is_not_told_by_what_is_printed() -> None:
    secrets = Secrets(new_secret()).renewed(now())
    assert "whsec_" not in repr(secrets)


def test_the_mark_of_a_secret_changes_with_it() -> None:
    seal = Seal(KEY)
    one = seal.closed(Secrets(new_secret()))
    assert mark_of(one) == mark_of(one)
    assert mark_of(one) != mark_of(seal.closed(Secrets(new_secret())))
