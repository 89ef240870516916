from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts import api_tokens, people, roles
from finder.accounts.models import PASSKEY, RECOVERY, TOTP, Account, ApiToken, Factor
from finder.accounts.permissions import Action, Role, Scope, Target, may
from finder.errors import Conflict, Invalid, NotFound
from tests.listings.database import NOW, make_database
from tests.referrals.samples import make_team

READ = "referrals.read"
SAMPLE = "fndr_" + "0" * 43 + "0" * 6


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_database(tmp_path).transaction() as found:
        yield found


@pytest.fixture
def ann(session: Session) -> int:
    return make_team(session)[1][0]


def make(session: Session, account: int, *scopes: str, days: int = 90) -> str:
    return api_tokens.make(session, account, "Records", scopes or (READ,), days=days, now=NOW)


# -- the secret ------------------------------------------------------------------------------------------------------


def test_A12_a_secret_is_told_from_any_other_string_by_prefix_andchecksum(session: Session, ann: int) -> None:
    secret = make(session, ann)
    found = re.fullmatch(r"fndr_([0-9A-Za-z]{43})([0-9A-Za-z]{6})", secret)
    assert found is not None
    number = 0
    for letter in found[2]:
        number = number * 62 + api_tokens.LETTERS.index(letter)
    assert number == zlib.crc32(found[1].encode())
    assert api_tokens.is_plausible(secret)


@given(st.integers(0, 53), st.sampled_from(api_tokens.LETTERS))
def test_a_typing_error_is_told_without_the_database(place: int, letter: str) -> None:
    chance = "k7Qz" * 10 + "abc"
    secret = "fndr_" + chance + api_tokens.checksum(chance)
    wrong = secret[:place] + letter + secret[place + 1:]
    assert api_tokens.is_plausible(wrong) is (wrong == secret)


@pytest.mark.parametrize("secret", ["", "fndr_", "x" * 54, SAMPLE, SAMPLE + "0", "\u0661" * 54,
                                    "fndr_" + "\ud800" * 49])
def test_what_is_no_token_is_nobodys(session: Session, secret: str) -> None:
    assert api_tokens.find(session, secret, now=NOW) is None


def test_A2_A12_secrets_differ_and_only_a_hash_is_kept(session: Session, ann: int) -> None:
    secrets = {make(session, ann) for _ in range(10)}
    assert len(secrets) == 10
    kept = repr([(one.hash, one.name, one.last, one.scopes) for one in session.scalars(select(ApiToken))])
    assert not any(one[5:] in kept for one in secrets)


# -- what it stands for ----------------------------------------------------------------------------------------------


def test_a_token_acts_for_its_maker_in_the_team_and_nowhere_else(session: Session) -> None:
    team, (ann,) = make_team(session)
    people.give(session, ann, Role.STEWARD, by="x", now=NOW)
    found = api_tokens.find(session, make(session, ann, READ, "referrals.write"), now=NOW)
    assert found is not None
    assert found.scopes == {READ, "referrals.write"}
    assert found.actor.account_id == ann
    assert found.actor.team == team.id
    assert found.actor.roles() == {Role.PROVIDER}
    assert may(found.actor, Action.SEE_REFERRAL, Target(team=team.id))


def test_A12_a_token_ends_with_its_day(session: Session, ann: int) -> None:
    secret = make(session, ann, days=365)
    assert api_tokens.find(session, secret, now=NOW + timedelta(days=365, seconds=-1)) is not None
    assert api_tokens.find(session, secret, now=NOW + timedelta(days=365)) is None


def test_A12_a_token_ends_when_its_maker_ends_it(session: Session, ann: int) -> None:
    secret, other = make(session, ann), make(session, ann)
    stranger = make_team(session)[1][0]
    key = str(session.scalars(select(ApiToken.id).where(ApiToken.last == secret[-4:])).one())
    for account, wanted in ((stranger, key), (ann, "nothing"), (ann, "00000000-0000-0000-0000-000000000000")):
        with pytest.raises(NotFound):
            api_tokens.end(session, account, wanted, now=NOW)
    api_tokens.end(session, ann, key, now=NOW)
    api_tokens.end(session, ann, key, now=NOW)
    assert api_tokens.find(session, secret, now=NOW) is None
    assert api_tokens.find(session, other, now=NOW) is not None


def test_a_token_of_a_closed_account_ends(session: Session, ann: int) -> None:
    secret, account = make(session, ann), session.get_one(Account, ann)
    roles.disable(session, account, now=NOW)
    assert api_tokens.find(session, secret, now=NOW) is None
    roles.enable(session, account, now=NOW)
    assert api_tokens.find(session, secret, now=NOW) is None


def test_a_token_never_follows_its_maker_into_another_team(session: Session, ann: int) -> None:
    secret, account = make(session, ann), session.get_one(Account, ann)
    for grant in people.grants_of(session, ann):
        roles.take(session, account, grant, now=NOW)
    other, _ = make_team(session, "Westside")
    people.give(session, ann, Role.PROVIDER, by="x", now=NOW, scope="team", value=str(other.id))
    assert api_tokens.find(session, secret, now=NOW) is None


def test_only_the_day_of_its_last_use_is_noted(session: Session, ann: int) -> None:
    secret = make(session, ann)
    found = api_tokens.find(session, secret, now=NOW)
    assert found is not None
    assert found.must_touch
    api_tokens.touch(session, found.token_id, on=NOW.date())
    again = api_tokens.find(session, secret, now=NOW)
    later = api_tokens.find(session, secret, now=NOW + timedelta(days=1))
    assert again is not None
    assert later is not None
    assert (again.must_touch, later.must_touch) == (False, True)


# -- making ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "scopes", "days", "wrong"), [
    ("", (READ,), 30, {"name": "required"}),
    ("x" * 101, (READ,), 30, {"name": "too_long"}),
    ("a\nb", (READ,), 30, {"name": "bad_text"}),
    ("x", (), 30, {"scopes": "required"}),
    ("x", (READ, "everything"), 30, {"scopes": "required"}),
    ("x", (READ,), 0, {"days": "out_of_range"}),
    ("x", (READ,), 366, {"days": "out_of_range"}),
])
def test_what_does_not_fit_is_told_at_its_field(session: Session, ann: int, name: str, scopes: tuple[str, ...],
                                                days: int, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        api_tokens.make(session, ann, name, scopes, days=days, now=NOW)
    assert {field: many[0].code for field, many in caught.value.errors.items()} == wrong


def test_an_account_has_ten_open_tokens_at_most(session: Session, ann: int) -> None:
    for _ in range(10):
        make(session, ann, days=1)
    with pytest.raises(Conflict, match="too_many"):
        make(session, ann)
    api_tokens.end(session, ann, str(api_tokens.open_ones(session, ann, now=NOW)[0].id), now=NOW)
    make(session, ann)
    assert len(api_tokens.open_ones(session, ann, now=NOW + timedelta(days=2))) == 1


def test_a_page_says_what_may_be_asked_for_and_for_how_long(session: Session, ann: int) -> None:
    for scopes, days, field in (((READ, "listings.read"), 30, "scopes"), ((READ,), 91, "days")):
        with pytest.raises(Invalid) as caught:
            api_tokens.make(session, ann, "x", scopes, days=days, now=NOW, allowed=(READ,), longest=90)
        assert set(caught.value.errors) == {field}
    assert api_tokens.open_ones(session, ann, now=NOW) == []


# -- listings --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sam(session: Session) -> int:
    """An editor of one listing and a steward of a state, in a team as well."""
    _, (account,) = make_team(session, "Northgate")
    people.give(session, account, Role.OPERATOR, by="x", now=NOW, scope=Scope.PROGRAM, value=str(uuid.UUID(int=1)))
    people.give(session, account, Role.STEWARD, by="x", now=NOW, scope=Scope.STATE, value="US:NC")
    return account


def vouch(session: Session, account: int, kind: str = TOTP, at: datetime = NOW) -> None:
    session.add(Factor(account_id=account, kind=kind, secret=b"sealed", made_at=at.replace(tzinfo=None)))
    session.flush()


def lent(session: Session, secret: str) -> frozenset[Role] | None:
    """The roles that a token lends for listings; None for a token that opens nothing there."""
    found = api_tokens.find(session, secret, now=NOW, area=api_tokens.LISTINGS)
    return None if found is None else found.actor.roles()


@pytest.mark.parametrize("kind", [TOTP, PASSKEY])
def test_A10_a_token_lends_a_stewards_right_behind_a_second_step(session: Session, sam: int, kind: str) -> None:
    vouch(session, sam, kind)
    secret = make(session, sam, "listings.read")
    assert lent(session, secret) == {Role.OPERATOR, Role.STEWARD}
    found = api_tokens.find(session, secret, now=NOW, area=api_tokens.LISTINGS)
    assert found is not None
    assert may(found.actor, Action.EDIT_LISTING, Target(states=("US:NC",)))
    assert not may(found.actor, Action.EDIT_LISTING, Target(states=("US:PA",)))


def test_A10_recovery_codes_alone_vouch_for_nothing(session: Session, sam: int) -> None:
    vouch(session, sam, RECOVERY)
    assert lent(session, make(session, sam, "listings.read")) == {Role.OPERATOR}


def test_A10_a_second_step_of_later_vouches_for_no_earlier_token(session: Session, sam: int) -> None:
    secret = make(session, sam, "listings.read")
    vouch(session, sam, at=NOW + timedelta(seconds=1))
    assert lent(session, secret) == {Role.OPERATOR}


def test_A10_a_token_of_more_than_three_months_lends_no_stewards_right(session: Session, sam: int) -> None:
    vouch(session, sam)
    assert lent(session, make(session, sam, "listings.read", days=90)) == {Role.OPERATOR, Role.STEWARD}
    assert lent(session, make(session, sam, "listings.read", days=91)) == {Role.OPERATOR}


def test_a_token_is_worth_nothing_beyond_what_it_was_made_for(session: Session, sam: int) -> None:
    vouch(session, sam)
    for_listings, for_referrals = make(session, sam, "listings.write"), make(session, sam)
    for secret, area in ((for_listings, api_tokens.REFERRALS), (for_referrals, api_tokens.LISTINGS)):
        found = api_tokens.find(session, secret, now=NOW, area=area)
        assert found is not None
        assert found.actor.grants == ()
    found = api_tokens.find(session, for_referrals, now=NOW)
    assert found is not None
    assert found.actor.roles() == {Role.PROVIDER}


def test_a_token_for_listings_of_somebody_who_keeps_none_opens_nothing(session: Session, ann: int) -> None:
    assert lent(session, make(session, ann, "listings.read")) is None


def test_the_last_right_to_a_listing_takes_the_tokens_along_and_no_other(session: Session, sam: int) -> None:
    for_listings, for_referrals = make(session, sam, "listings.read"), make(session, sam)
    people.take(session, sam, Role.STEWARD, scope=Scope.STATE, value="US:NC")
    assert lent(session, for_listings) == {Role.OPERATOR}
    people.take(session, sam, Role.OPERATOR, scope=Scope.PROGRAM, value=str(uuid.UUID(int=1)))
    assert [one.last for one in api_tokens.all_of(session, sam)] == [for_referrals[-4:]]
