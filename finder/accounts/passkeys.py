"""Passkeys (WebAuthn, level 2): making one, and signing in with one, by py_webauthn.

The person's own unlocking (finger, face, code) is always asked for, so that a passkey is two steps in one. What it is
asked to sign is a token that is good once, for five minutes.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.accounts import tokens
from finder.accounts.models import ACTIVE, PASSKEY, Account, Factor
from finder.errors import Conflict, Invalid, Problem

MOST = 20  # of one account
LONGEST_ANSWER = 20_000  # characters; real ones have fewer than 2,000
# Keys that the library cannot read end in any of these.
_WRONG = (UnsupportedAlgorithm, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, RecursionError)


def _library() -> Any:
    """py_webauthn, read when somebody first uses a passkey: every start would wait for it."""
    import webauthn.helpers.exceptions
    import webauthn.helpers.structs

    return webauthn


@dataclass(frozen=True, slots=True)
class Party:
    """This site as passkeys know it: the host its keys are for, its name, and the origin that asks."""

    host: str
    name: str
    origin: str


def ask_new(session: Session, account: Account, party: Party, *, now: datetime) -> str:
    """What the browser is told in order to make a passkey (JSON of PublicKeyCredentialCreationOptions)."""
    library = _library()
    structs = library.helpers.structs
    options = library.generate_registration_options(
        rp_id=party.host, rp_name=party.name, user_id=account.public_id.bytes, user_name=account.email,
        user_display_name=account.name or account.email, exclude_credentials=_known(session, account.id),
        challenge=tokens.make(session, "passkey", now=now, account_id=account.id, subject="new").encode(),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED))
    return str(library.options_to_json(options))


def add(session: Session, account_id: int, answer: str, party: Party, *, name: str | None, now: datetime) -> None:
    """Keeps a new passkey. Raises Invalid for an answer that is not what was asked for, Conflict for one too many."""
    if len(_known(session, account_id)) >= MOST:
        raise Conflict("too_many")
    library = _library()
    try:
        credential = _read(answer)
        challenge = _use_challenge(session, credential, account_id, "new", now)
        made = library.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.host,
            expected_origin=party.origin, require_user_verification=True)
    except (library.helpers.exceptions.WebAuthnException, *_WRONG):
        raise _refused() from None
    if session.execute(select(Factor.id).where(Factor.credential_id == made.credential_id)).first() is not None:
        raise _refused()
    session.add(Factor(account_id=account_id, kind=PASSKEY, name=name, secret=made.credential_public_key,
                       credential_id=made.credential_id, counter=made.sign_count, made_at=now.replace(tzinfo=None)))
    session.flush()


def ask(session: Session, party: Party, *, now: datetime, account_id: int | None = None) -> str:
    """What the browser is told in order to use a passkey; without an account the device offers what it has."""
    secret = tokens.make(session, "passkey", now=now, account_id=account_id, subject="use")
    library = _library()
    return str(library.options_to_json(library.generate_authentication_options(
        rp_id=party.host, challenge=secret.encode(),
        user_verification=library.helpers.structs.UserVerificationRequirement.REQUIRED,
        allow_credentials=_known(session, account_id) if account_id is not None else None)))


def check(session: Session, answer: str, party: Party, *, now: datetime, account_id: int | None = None) -> Account:
    """The account whose passkey answered. Raises Invalid for any other answer, and for one given twice."""
    library = _library()
    try:
        credential = _read(answer)
        challenge = _use_challenge(session, credential, account_id, "use", now)
        factor = _factor(session, credential, account_id)
        seen = library.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.host,
            expected_origin=party.origin, credential_public_key=factor.secret,
            credential_current_sign_count=factor.counter, require_user_verification=True)
    except (library.helpers.exceptions.WebAuthnException, *_WRONG):
        raise _refused() from None
    session.execute(update(Factor).where(Factor.id == factor.id).values(
        counter=seen.new_sign_count, used_at=now.replace(tzinfo=None)))
    account = session.get(Account, factor.account_id)
    if account is None or account.state != ACTIVE:
        raise _refused()
    return account


def _known(session: Session, account_id: int) -> list[Any]:
    """The passkeys of an account as the library names them."""
    found = session.scalars(select(Factor.credential_id).where(
        Factor.account_id == account_id, Factor.kind == PASSKEY, Factor.credential_id.is_not(None)))
    descriptor = _library().helpers.structs.PublicKeyCredentialDescriptor
    return [descriptor(id=one) for one in found if one is not None]


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise ValueError
    return found


def _use_challenge(session: Session, credential: dict[str, Any], account_id: int | None, subject: str,
                   now: datetime) -> bytes:
    """What was signed, if it was ours to sign, by this account, and not used before. Raises ValueError."""
    said = json.loads(_bytes(credential["response"]["clientDataJSON"]))
    challenge = _bytes(said["challenge"])
    secret = challenge.decode("ascii")
    link = tokens.find(session, secret, ("passkey",), now=now)
    if link is None or link.subject != subject or link.account_id != account_id:
        raise ValueError
    if not tokens.use(session, secret, "passkey", now=now):
        raise ValueError
    return challenge


def _factor(session: Session, credential: dict[str, Any], account_id: int | None) -> Factor:
    found = session.execute(select(Factor).where(
        Factor.kind == PASSKEY, Factor.credential_id == _bytes(credential["rawId"]))).scalar_one_or_none()
    if found is None or account_id not in (None, found.account_id):
        raise ValueError
    return found


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _refused() -> Invalid:
    return Invalid({"passkey": [Problem("passkey_refused")]})
