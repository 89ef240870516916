"""Who may do what: one table of actions and roles, and the only place that answers the question.

A role is granted everywhere, in a state, for an organization or for one program; the target of an action says where it
lies. Nothing here knows a database or a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from finder.errors import Forbidden, NotFound


class Role(StrEnum):
    """What a person is on this instance."""

    OPERATOR = "operator"  # edits listings of their own
    PROVIDER = "provider"  # refers people, in a team
    STEWARD = "steward"  # keeps the listings of a region true
    ADMINISTRATOR = "administrator"  # accounts and the instance itself


class Scope(StrEnum):
    """Where a grant holds; its value is "US:PA", or the id of an organization, a program or a team."""

    ALL = "all"
    STATE = "state"
    ORGANIZATION = "organization"
    PROGRAM = "program"
    TEAM = "team"


class Action(StrEnum):
    """Everything that a signed-in person can do, by its name in logs and history."""

    OWN_ACCOUNT = "account.own"
    SEE_OWN_LISTINGS = "listing.see_own"
    PROPOSE_LISTING = "listing.propose"
    CLAIM_LISTING = "listing.claim"
    EDIT_LISTING = "listing.edit"
    DELETE_LISTING = "listing.delete"
    EDIT_ORGANIZATION = "organization.edit"
    SEE_QUEUE = "queue.see"
    REVIEW = "proposal.review"
    ANSWER_REPORT = "report.answer"
    VERIFY_LISTING = "listing.verify"
    SEE_HISTORY = "listing.history"
    RESTORE_LISTING = "listing.restore"
    UNPUBLISH_LISTING = "listing.unpublish"
    WRITE_NOTE = "note.write"
    MERGE_LISTINGS = "listing.merge"
    DECIDE_CLAIM = "claim.decide"
    IMPORT = "import.run"
    SET_ALERT = "alert.set"
    SET_TAGS = "tags.set"
    SEE_INSIGHT = "insight.see"
    EXPORT = "tables.export"
    SEE_PEOPLE = "people.see"
    CHANGE_PEOPLE = "people.change"
    APPROVE_WAY_BACK = "way_back.approve"
    REVERT_ACCOUNT = "account.revert"
    SET_INSTANCE = "instance.set"
    SET_HOOKS = "hooks.set"
    ASK_TEAM = "team.ask"
    SEE_TEAM = "team.see"
    CHANGE_TEAM = "team.change"
    DECIDE_TEAM = "team.decide"
    REFER = "referral.make"
    SEE_REFERRAL = "referral.see"
    EXPORT_REFERRALS = "referral.export"
    ANSWER_REFERRAL = "referral.answer"
    MAKE_TOKEN = "token.make"
    MAKE_LISTING_TOKEN = "token.make_for_listings"


class Reach(StrEnum):
    """How far a role's grant carries an action: to whatever the grant covers, or to anything at all."""

    GRANTED = "granted"
    ANY = "any"


_OPERATOR, _PROVIDER, _STEWARD, _ADMINISTRATOR = Role
# The table. A role that a row does not name may not. Nobody's own listing is missing here: an operator has a grant
# for it. Everybody signed in may do what ANYBODY names.
ANYBODY = frozenset((Action.OWN_ACCOUNT, Action.PROPOSE_LISTING, Action.CLAIM_LISTING, Action.SEE_OWN_LISTINGS,
                     Action.ASK_TEAM))
TABLE: Mapping[Action, Mapping[Role, Reach]] = {
    Action.EDIT_LISTING: {_OPERATOR: Reach.GRANTED, _STEWARD: Reach.GRANTED},
    Action.DELETE_LISTING: {_OPERATOR: Reach.GRANTED, _STEWARD: Reach.GRANTED},
    Action.EDIT_ORGANIZATION: {_OPERATOR: Reach.GRANTED, _STEWARD: Reach.GRANTED},
    Action.SEE_QUEUE: {_STEWARD: Reach.ANY},
    Action.REVIEW: {_STEWARD: Reach.GRANTED},
    Action.ANSWER_REPORT: {_STEWARD: Reach.GRANTED},
    Action.VERIFY_LISTING: {_STEWARD: Reach.GRANTED},
    Action.SEE_HISTORY: {_OPERATOR: Reach.GRANTED, _STEWARD: Reach.GRANTED},
    Action.RESTORE_LISTING: {_STEWARD: Reach.GRANTED},
    Action.UNPUBLISH_LISTING: {_STEWARD: Reach.GRANTED},
    Action.WRITE_NOTE: {_STEWARD: Reach.GRANTED},
    Action.MERGE_LISTINGS: {_STEWARD: Reach.GRANTED},
    Action.DECIDE_CLAIM: {_STEWARD: Reach.GRANTED},
    Action.IMPORT: {_STEWARD: Reach.ANY, _ADMINISTRATOR: Reach.ANY},
    Action.SET_ALERT: {_STEWARD: Reach.ANY},
    Action.SET_TAGS: {_STEWARD: Reach.ANY},
    Action.SEE_INSIGHT: {_STEWARD: Reach.ANY, _ADMINISTRATOR: Reach.ANY},
    Action.EXPORT: {_STEWARD: Reach.ANY, _ADMINISTRATOR: Reach.ANY},
    Action.SEE_PEOPLE: {_ADMINISTRATOR: Reach.ANY},
    Action.CHANGE_PEOPLE: {_ADMINISTRATOR: Reach.ANY},
    Action.APPROVE_WAY_BACK: {_STEWARD: Reach.ANY, _ADMINISTRATOR: Reach.ANY},
    Action.REVERT_ACCOUNT: {_STEWARD: Reach.ANY, _ADMINISTRATOR: Reach.ANY},
    Action.SET_INSTANCE: {_ADMINISTRATOR: Reach.ANY, _STEWARD: Reach.ANY},
    Action.SET_HOOKS: {_ADMINISTRATOR: Reach.ANY, _STEWARD: Reach.ANY},
    # Referrals are a team's own: no steward and no administrator is here, on purpose.
    Action.SEE_TEAM: {_PROVIDER: Reach.GRANTED},
    Action.CHANGE_TEAM: {_PROVIDER: Reach.GRANTED},
    Action.DECIDE_TEAM: {_STEWARD: Reach.ANY, _ADMINISTRATOR: Reach.ANY},
    Action.REFER: {_PROVIDER: Reach.GRANTED},
    Action.SEE_REFERRAL: {_PROVIDER: Reach.GRANTED},
    Action.EXPORT_REFERRALS: {_PROVIDER: Reach.GRANTED},
    Action.ANSWER_REFERRAL: {_OPERATOR: Reach.GRANTED},
    # A program may do what its maker may: for a team's referrals, or for the listings that somebody keeps.
    Action.MAKE_TOKEN: {_PROVIDER: Reach.GRANTED},
    Action.MAKE_LISTING_TOKEN: {_OPERATOR: Reach.GRANTED, _STEWARD: Reach.GRANTED},
}
# Roles that reach nothing without a second step at sign-in (TRUST A10).
SECOND_STEP = frozenset((Role.STEWARD, Role.ADMINISTRATOR))
# What asks a person to prove again who they are when that was over five minutes ago (TRUST A10).
FRESH = frozenset((Action.EXPORT, Action.CHANGE_PEOPLE, Action.APPROVE_WAY_BACK, Action.REVERT_ACCOUNT,
                   Action.EXPORT_REFERRALS, Action.MAKE_TOKEN, Action.MAKE_LISTING_TOKEN))
# Steward work that a steward of one region may not do because it reaches beyond the region.
EVERYWHERE = frozenset((Action.IMPORT, Action.SET_TAGS, Action.APPROVE_WAY_BACK, Action.REVERT_ACCOUNT,
                        Action.SET_INSTANCE, Action.SET_HOOKS, Action.EXPORT, Action.DECIDE_TEAM))


@dataclass(frozen=True, slots=True)
class Granted:
    """A role and where it holds."""

    role: Role
    scope: Scope = Scope.ALL
    value: str = ""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Granted:
        """From its three words, as they are kept in a link or sent in a form. Raises ValueError."""
        return cls(Role(facts["role"]), Scope(facts["scope"]), str(facts["value"]))


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person as rules see them. `second_step`: they proved who they are in two ways this time."""

    account_id: int
    name: str
    grants: tuple[Granted, ...] = ()
    second_step: bool = False

    def roles(self) -> frozenset[Role]:
        """Every role they have anywhere."""
        return frozenset(one.role for one in self.grants)

    def regions(self, role: Role) -> frozenset[str] | None:
        """The states ("US:PA") where they have a role; None for everywhere."""
        mine = [one for one in self.grants if one.role is role]
        if any(one.scope is Scope.ALL for one in mine):
            return None
        return frozenset(one.value for one in mine if one.scope is Scope.STATE)

    @property
    def team(self) -> uuid.UUID | None:
        """The team that they refer in; nobody has more than one, so that nothing is sent in the wrong name."""
        return next((uuid.UUID(one.value) for one in self.grants
                     if one.role is Role.PROVIDER and one.scope is Scope.TEAM), None)

    @property
    def author(self) -> str:
        """How history names them: the roles and the number of the account, never an address."""
        roles = "+".join(sorted(self.roles())) or "editor"
        return f"{roles}:{self.account_id}"


@dataclass(frozen=True, slots=True)
class Target:
    """What an action is about: a listing (and its organization), an organization with all its listings, or a team.

    `states` are where it meets ("US:PA"); a listing that meets nowhere known belongs to stewards of everywhere and of
    the states that hold its organization.
    """

    program: uuid.UUID | None = None
    organization: uuid.UUID | None = None
    states: Collection[str] = ()
    team: uuid.UUID | None = None


NOTHING = Target()


def may(actor: Actor | None, action: Action, target: Target | None = None) -> bool:
    """Whether somebody may do something. `target` None asks whether they may do it to anything at all."""
    if actor is None:
        return False
    if action in ANYBODY:
        return True
    return any(_allows(one, action, target) and (actor.second_step or one.role not in SECOND_STEP)
               for one in actor.grants)


def lacks_second_step(actor: Actor, action: Action) -> bool:
    """Whether only the missing second step stands between somebody and an action of their role."""
    return not actor.second_step and any(one.role in TABLE.get(action, {}) and one.role in SECOND_STEP
                                         for one in actor.grants)


def _allows(grant: Granted, action: Action, target: Target | None) -> bool:
    reach = TABLE[action].get(grant.role)
    if reach is None or (grant.role is Role.PROVIDER) is not (grant.scope is Scope.TEAM):
        return False  # who refers does so in a team, and in a team one does nothing else
    if reach is Reach.ANY:
        return grant.scope is Scope.ALL or action not in EVERYWHERE
    return target is None or _covers(grant, target)


def _covers(grant: Granted, target: Target) -> bool:
    if target.team is not None or grant.scope is Scope.TEAM:
        return grant.scope is Scope.TEAM and grant.value == str(target.team)  # a role everywhere is in no team
    if grant.scope is Scope.ALL:
        return True
    if grant.scope is Scope.STATE:
        return grant.value in target.states
    if grant.scope is Scope.ORGANIZATION:
        return target.organization is not None and grant.value == str(target.organization)
    return target.program is not None and grant.value == str(target.program)


def require(actor: Actor | None, action: Action, target: Target | None = None) -> None:
    """Raises NotFound when somebody may not: what is others' looks like what is not there (TRUST A1).

    Raises Forbidden("second_step") when they would be allowed but have signed in with one step only.
    """
    if may(actor, action, target):
        return
    if actor is not None and lacks_second_step(actor, action):
        raise Forbidden("second_step")
    raise NotFound("page")
