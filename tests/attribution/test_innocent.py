"""Nobody is named for what another did: records that point at an innocent person.

Each case is what the lake holds, the record that is asked about last, and what may be said of it:
evidence and name. In most of them the guilty call was lost and an innocent one fits by name and
second.
"""

from __future__ import annotations

import json
import re
from itertools import chain, zip_longest
from random import Random

import pytest

from tests.attribution.nights import Nights, Row, attributed, differences
from tests.attribution.raw import (
    AWAY,
    HOME,
    Role,
    assume,
    by_web_identity,
    call,
    federate,
    federated,
    key,
    owner_copy,
    root,
    user,
)
from tests.conftest import in_soak
from tests.world.model import Record

ELSEWHERE = "444444444444"
ALICE, BOB = user("alice"), user("bob")
DEPLOY, PROD, HUB = Role("Deploy"), Role("Prod", "333333333333"), Role("Hub", HOME)
ISSUED, USED, NEXT = key(), key(), key()
Case = tuple[list[Record], str, str | None]


def _use(who: Record, at: int = 60, **fields: object) -> Record:
    return call(who, "ec2", "DescribeInstances", at, **fields)


def _repository(gap: int) -> Case:
    other = by_web_identity("repo:org/a:ref:refs/heads/main", DEPLOY, "GitHubActions", 0, ISSUED)
    return [other, _use(DEPLOY.session("GitHubActions", gap, USED))], "ambiguous", None


def _another_key(gap: int) -> Case:
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED)
    return [given, _use(DEPLOY.session("tf", gap, USED))], "ambiguous", None


def _another_key_and_a_derived_one() -> Case:
    """A key that a service derived is no sign of the console."""
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED)
    derived = DEPLOY.session("tf", 0, NEXT) | {"invokedBy": "athena.amazonaws.com"}
    used = _use(DEPLOY.session("tf", 0, USED))
    return [given, used, call(derived, "s3", "GetObject", 70)], "ambiguous", None


def _console_key() -> Case:
    """In the console the key handed out is not the one used: semantics.md F1."""
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED)
    used = _use(DEPLOY.session("tf", 0, USED), sessionCredentialFromConsole="true")
    return [given, used], "matched", "alice"


def _from_the_console() -> Case:
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED, sourceIPAddress="AWS Internal")
    return [given, _use(DEPLOY.session("tf", 0, USED))], "matched", "alice"


def _several_keys() -> Case:
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED)
    other = _use(DEPLOY.session("tf", 0, NEXT))
    return [given, other, _use(DEPLOY.session("tf", 0, USED))], "matched", "alice"


def _recurring() -> Case:
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED)
    own = _use(DEPLOY.session("tf", 0, ISSUED))
    return [given, own, _use(DEPLOY.session("tf", 1800, ISSUED), 1900)], "claimed", None


def _no_key() -> Case:
    placeholder = "ASIA" + "X" * 16
    given = assume(ALICE, DEPLOY, "tf", 0, placeholder)
    return [given, _use(DEPLOY.session("tf", 9, placeholder))], "claimed", None


def _signin_token(at: int) -> Case:
    given = assume(ALICE, DEPLOY, "tf", 0, ISSUED)
    asked = call(DEPLOY.session("tf", 0, ISSUED), "signin", "GetSigninToken", 60)
    return [given, asked, _use(DEPLOY.session("tf", at, USED), at + 60)], "claimed", None


def _known_by_its_call() -> Case:
    """Of two sessions that were alive one is known by the call that issued it alone."""
    records = [
        assume(ALICE, HUB, "shared", 0, ISSUED),
        _use(HUB.session("shared", 0, ISSUED), 30),
        assume(BOB, HUB, "shared", 60, USED),
        owner_copy(assume(HUB.session("shared", 60, USED), PROD, "out", 120, NEXT), PROD),
    ]
    return [*records, _use(PROD.session("out", 120, NEXT), 150)], "proven", HOME


def _expired() -> Case:
    records = [
        assume(ALICE, HUB, "shared", 0, ISSUED),
        _use(HUB.session("shared", 0, ISSUED), 30),
        owner_copy(assume(HUB.session("shared", 7200, USED), PROD, "out", 7300, NEXT), PROD),
    ]
    return [*records, _use(PROD.session("out", 7300, NEXT), 7350)], "proven", HOME


def _only_one_alive() -> Case:
    records = [
        assume(ALICE, HUB, "shared", 0, ISSUED),
        _use(HUB.session("shared", 0, ISSUED), 30),
        owner_copy(assume(HUB.session("shared", 0, ISSUED), PROD, "out", 120, NEXT), PROD),
    ]
    return [*records, _use(PROD.session("out", 120, NEXT), 150)], "matched", "alice"


def _switch_from() -> Case:
    target = PROD.session("shared", 120, None)
    switched = call(
        {k: v for k, v in target.items() if k != "sessionContext"},
        "signin",
        "SwitchRole",
        120,
        responseElements={"SwitchRole": "Success"},
        additionalEventData={"SwitchFrom": HUB.session("shared", 0, None)["arn"]},
    )
    records = [
        assume(ALICE, HUB, "shared", 0, ISSUED),
        _use(HUB.session("shared", 0, ISSUED), 30),
        assume(BOB, HUB, "shared", 60, NEXT),
        switched,
    ]
    return [*records, _use(PROD.session("shared", 120, USED), 150)], "ambiguous", None


def _federated(*calls: Record) -> Case:
    other = _use(federated(ALICE, 0, ISSUED), 10)
    return [*calls, other, _use(federated(BOB, 0, USED), 20)], "direct", "bob"


def _federated_near() -> Case:
    return [federate(ALICE, 0, ISSUED), _use(federated(BOB, 1, USED), 20)], "direct", "bob"


def _lost_assume_root(first: Record) -> Case:
    return [first, call(root(0, ISSUED), "iam", "DeleteLoginProfile", 20)], "none", None


def _root_console() -> Case:
    given = call(
        ALICE,
        "sts",
        "AssumeRoot",
        0,
        requestParameters={"targetPrincipal": AWAY},
        responseElements={"credentials": {"accessKeyId": ISSUED}},
    )
    used = _use(root(0, USED), 10, sessionCredentialFromConsole="true")
    return [given, used], "direct", "root"


def _renamed() -> Case:
    """Who was alice is aalice now, and another is alice."""
    aalice = ALICE | {"userName": "aalice", "arn": f"arn:aws:iam::{HOME}:user/aalice"}
    given = owner_copy(assume(aalice, PROD, "s", 5000, NEXT), PROD)
    records = [_use(ALICE, 0), _use(aalice, 4000), _use(user("alice", number="2"), 4500), given]
    return [*records, _use(PROD.session("s", 5000, NEXT), 5050)], "proven", HOME


def _thin_rival() -> Case:
    """Two callers in one second, of one of them only the role owner's copy."""
    stranger = assume(user("bob", ELSEWHERE), PROD, "ops", 0, NEXT)
    used = _use(PROD.session("ops", 0, USED), 30, sessionCredentialFromConsole="true")
    records = [assume(ALICE, PROD, "ops", 0, ISSUED), owner_copy(stranger, PROD)]
    return [*records, used], "ambiguous", None


def _typed(name: str, who: Record, evidence: str) -> Case:
    return [call(who, "signin", name, 0)], evidence, None


def _thin_by_account() -> Case:
    """The owner's copy may show the account alone; the caller's copy names the caller."""
    given = assume(ALICE, PROD, "s", 0, NEXT)
    thin = owner_copy(given, PROD)
    thin["userIdentity"] = {"type": "AWSAccount", "principalId": HOME, "accountId": HOME}
    return [given, thin], "proven", "alice"


_PORTAL = {
    "type": "IdentityCenterUser",
    "accountId": HOME,
    "onBehalfOf": {
        "userId": "u-1",
        "identityStoreArn": f"arn:aws:identitystore::{HOME}:identitystore/d-1",
    },
}
_ROOT_TYPED = {"type": "Root", "principalId": AWAY, "accountId": AWAY}
_DENIED = {"errorCode": "Client.UnauthorizedOperation", "errorMessage": "You are not authorized"}
_WRITTEN: dict[str, Case] = {
    "another repository in the same second": _repository(0),
    "another repository a second later": _repository(1),
    "another key in the same second": _another_key(0),
    "another key two seconds later": _another_key(2),
    "another key, and one that a service derived": _another_key_and_a_derived_one(),
    "a console session": _console_key(),
    "a call from the console": _from_the_console(),
    "a session of several keys": _several_keys(),
    "a key that recurs within its validity": _recurring(),
    "a placeholder": _no_key(),
    "a sign-in token that nobody redeemed": _signin_token(300),
    "a caller known by its call alone": _known_by_its_call(),
    "a caller whose session had expired": _expired(),
    "the only caller alive": _only_one_alive(),
    "switched from one of two": _switch_from(),
    "two federated users of one name, both calls lost": _federated(),
    "two federated users of one name, one call lost": _federated(federate(ALICE, 0, ISSUED)),
    "a federated user a second later": _federated_near(),
    "AssumeRoot lost, GetCallerIdentity": _lost_assume_root(
        call(root(0, ISSUED), "sts", "GetCallerIdentity", 10)
    ),
    "AssumeRoot lost, a denied call": _lost_assume_root(_use(root(0, ISSUED), 10, **_DENIED)),
    "root's console session beside an AssumeRoot": _root_console(),
    "a user renamed": _renamed(),
    "a rival from outside": _thin_rival(),
    "a name typed": _typed("CheckMfa", ALICE | {"accessKeyId": ""}, "claimed"),
    "a forgotten password": _typed("PasswordRecoveryRequested", _ROOT_TYPED, "none"),
    "a password that failed": _typed("CredentialVerification", _PORTAL, "none"),
    "the owner's copy with the account alone": _thin_by_account(),
}
_ID = re.compile(r"(A(?:IDA|ROA|KIA|SIA)\w{10})[AZ]{3}")


def _apart(case: Case, number: int) -> Case:
    """The same case about other accounts, people, roles and keys."""
    records, evidence, actor_name = case
    text = _ID.sub(rf"\g<1>{number:03}", json.dumps([records, actor_name]))
    for account in (HOME, AWAY, PROD.account, ELSEWHERE):
        text = text.replace(account, f"{account[:4]}{number:03}{account[7:]}")
    moved, name = json.loads(text)
    return moved, evidence, name


CASES = {
    name: _apart(case, number) for number, (name, case) in enumerate(_WRITTEN.items(), start=100)
}
"""All cases, for one lake: none has anything to do with another's."""


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """What one build says of all cases together."""
    return attributed(chain.from_iterable(records for records, _, _ in CASES.values()))


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_the_last_record(name: str, rows: dict[str, Row]) -> None:
    """Evidence and name."""
    records, evidence, actor_name = CASES[name]
    last = rows[records[-1]["eventID"]]
    assert (last["evidence"], last["actor_name"]) == (evidence, actor_name)


def test_every_record_has_one_answer(rows: dict[str, Row]) -> None:
    """And what has no record has none."""
    asked = [record["eventID"] for records, _, _ in CASES.values() for record in records]
    assert sorted(rows) == sorted(asked)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_nights_in_which_records_come_do_not_matter(seed: int) -> None:
    """One record of each case a night, in any order, makes the tables that all at once make."""
    dice = Random(seed)
    orders = [dice.sample(records, len(records)) for records, _, _ in CASES.values()]
    at_once, by_night = Nights(), Nights()
    at_once.build(chain.from_iterable(orders))
    for night in zip_longest(*orders):
        by_night.build(record for record in night if record is not None)
    assert differences(by_night.models(), at_once.models()) == {}


@in_soak
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_nor_do_they_in_a_lake_that_holds_nothing_else(name: str, seed: int) -> None:
    """Each case alone."""
    records, _, _ = CASES[name]
    at_once, by_night = Nights(), Nights()
    at_once.build(records)
    for record in Random(seed).sample(records, len(records)):
        by_night.build([record])
    assert differences(by_night.models(), at_once.models()) == {}
