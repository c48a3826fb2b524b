"""Hunts about keys, passwords and tokens, and what lives on after them."""

from __future__ import annotations

from tests.front.hunts.case import Case, Values, iam
from tests.front.tracing import key_of
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.signin import (
    console_call,
    console_from_credentials,
    console_login,
    failed_login,
    federated_console,
)
from tests.world.sts import (
    access_key,
    assume_role,
    assume_root,
    get_federation_token,
    get_session_token,
)
from tests.world.times import HOUR, MINUTE

ALICE = "arn:aws:iam::200000000002:user/alice"
ANALYST = "arn:aws:iam::200000000002:role/Analyst"


def key_in_use(cast: Cast) -> Values:
    made = access_key(cast.alice_user, at=cast.world.tick(), by=cast.bob)
    use(made)
    use(made, denied=True)
    use(cast.bob)
    return {"key": [key_of(made)]}


def temporary_key(cast: Cast) -> Values:
    hat = assume_role(cast.alice, cast.analyst, "x")
    lose_issue(hat)
    use(hat)
    return {"key": [key_of(hat)]}


def key_of_nobody(cast: Cast) -> Values:
    use(cast.alice)
    return {"key": ["AKIANEVERSEEN0000001"]}


def root_by_key(cast: Cast) -> None:
    use(access_key(cast.world.root(cast.production)))


def root_by_other_account(cast: Cast) -> None:
    use(assume_root(cast.alice, cast.production))


def root_unknown(cast: Cast) -> None:
    session = assume_root(cast.alice, cast.production)
    lose_issue(session)
    use(session)


def no_root(cast: Cast) -> None:
    use(assume_role(cast.alice, cast.break_glass, "root"))


def without_mfa(cast: Cast) -> None:
    console_login(cast.alice_user, mfa=False)
    console_login(cast.world.root(cast.production), mfa=False)


def with_mfa(cast: Cast) -> None:
    console_login(cast.alice_user, mfa=True)
    failed_login(cast.bob_user)
    federated_console(assume_role(cast.alice, cast.analyst, "alice"))


def federation(cast: Cast) -> None:
    use(get_federation_token(cast.alice, "bob"))


def sign_in_token(cast: Cast) -> None:
    console_call(console_from_credentials(assume_role(cast.alice, cast.analyst, "x")), "ec2", "A")


def other_tokens(cast: Cast) -> None:
    use(get_session_token(cast.alice))
    cast.alice.call("sts", "GetFederationToken", params={"name": "x"}, denied=True)


def lives_on(cast: Cast) -> None:
    """A chain of two hats goes on ten minutes after its key was deleted; Bob's does not matter."""
    first = assume_role(cast.alice, cast.analyst, "x")
    second = assume_role(first, cast.break_glass, "x")
    iam(cast.bob, "DeleteAccessKey", user_name="alice", access_key_id=key_of(cast.alice))
    use(second, at=cast.world.tick(10 * MINUTE))
    use(assume_role(cast.bob, cast.analyst, "x"))


def federated_after_disabling(cast: Cast) -> None:
    """The known way to keep access: a federation token, then the key is disabled."""
    token = get_federation_token(cast.alice, "x")
    iam(
        cast.bob,
        "UpdateAccessKey",
        user_name="alice",
        access_key_id=key_of(cast.alice),
        status="Inactive",
    )
    use(token, at=cast.world.tick(HOUR))


def user_deleted(cast: Cast) -> None:
    token = get_session_token(cast.alice)
    hat = assume_role(token, cast.analyst, "x")
    iam(cast.bob, "DeleteUser", user_name="alice")
    use(hat, at=cast.world.tick(MINUTE))


def password_taken(cast: Cast) -> None:
    """The console session lives on; a session from the same user's key is not the password's."""
    console = console_login(cast.alice_user)
    by_key = assume_role(cast.alice, cast.analyst, "x")
    iam(cast.bob, "DeleteLoginProfile", user_name="alice")
    console_call(console, "ec2", "DescribeInstances", at=cast.world.tick(MINUTE))
    use(by_key)


def nothing_lives_on(cast: Cast) -> None:
    """The last call was before the end; another key of the same user goes on."""
    hat = assume_role(cast.alice, cast.analyst, "x")
    use(hat)
    iam(cast.bob, "DeleteAccessKey", user_name="alice", access_key_id=key_of(cast.alice))
    use(assume_role(access_key(cast.alice_user), cast.analyst, "x", at=cast.world.tick(MINUTE)))


def enabled_again(cast: Cast) -> None:
    """A key that was disabled and enabled again is nothing that lives on."""
    key = key_of(cast.alice)
    iam(cast.bob, "UpdateAccessKey", user_name="alice", access_key_id=key, status="Inactive")
    cast.world.tick(HOUR)
    iam(cast.bob, "UpdateAccessKey", user_name="alice", access_key_id=key, status="Active")
    use(assume_role(cast.alice, cast.analyst, "x", at=cast.world.tick(MINUTE)))
    use(cast.alice)


def same_name_elsewhere(cast: Cast) -> None:
    """An alice of another account is deleted; a session that calls itself alice is not hers."""
    other: Credential = access_key(cast.world.user(cast.production, "alice"))
    admin = access_key(cast.world.user(cast.production, "admin"))
    use(other)
    hat = assume_role(cast.bob, cast.analyst, "alice")
    mine = assume_role(cast.alice, cast.analyst, "a")
    iam(admin, "DeleteUser", user_name="alice")
    use(hat, at=cast.world.tick(MINUTE))
    use(mine)


def for_another(cast: Cast) -> None:
    """Bob makes a key for Alice out of a role, and one for himself with his own key."""
    hat = assume_role(cast.bob, cast.analyst, "alice")
    access_key(cast.alice_user, at=cast.world.tick(), by=hat)
    access_key(cast.bob_user, at=cast.world.tick(), by=cast.bob)
    iam(cast.bob, "CreateLoginProfile", user_name="alice")
    cast.bob.call("iam", "CreateSAMLProvider", params={"name": "Sso"})


def for_oneself(cast: Cast) -> None:
    """His own key, once without and once with his name; a refusal; a look."""
    access_key(cast.bob_user, at=cast.world.tick(), by=cast.bob)
    cast.bob.call("iam", "CreateAccessKey", params=None)
    cast.bob.call("iam", "CreateLoginProfile", params={"userName": "alice"}, denied=True)
    cast.bob.call("iam", "ListAccessKeys", params={"userName": "alice"})


def silenced(cast: Cast) -> None:
    """A refusal and a success under a role that is called after somebody else."""
    hat = assume_role(cast.alice, cast.break_glass, "bob")
    hat.call("cloudtrail", "StopLogging", params={"name": "main"}, denied=True)
    hat.call("guardduty", "DeleteDetector", params={"detectorId": "1"})


def silenced_by_nobody_knows(cast: Cast) -> None:
    hat = assume_role(cast.alice, cast.break_glass, "alice")
    lose_issue(hat)
    hat.call("cloudtrail", "DeleteTrail", params={"name": "main"})


def looked_at_logs(cast: Cast) -> None:
    for source, name in (("cloudtrail", "StartLogging"), ("logs", "StopLogging")):
        cast.alice.call(source, name)


CASES = (
    Case(
        "new_ways_in",
        "A key for another user, a password, a provider; not Bob's own key.",
        for_another,
        [
            {"actor_name": "bob", "event_name": "CreateAccessKey", "for_whom": "alice"},
            {"actor_name": "bob", "event_name": "CreateLoginProfile", "for_whom": "alice"},
            {"actor_name": "bob", "event_name": "CreateSAMLProvider", "for_whom": "Sso"},
        ],
    ),
    Case("new_ways_in", "His own keys, a refusal, a look.", for_oneself),
    Case(
        "logging_cut",
        "Refused and done, in one session.",
        silenced,
        [{"actor_name": "alice", "events": 2, "denied": 1, "account_id": "300000000003"}],
    ),
    Case(
        "logging_cut",
        "A name that is only claimed is nobody's.",
        silenced_by_nobody_knows,
        [{"actor_name": None, "claimed_actor": "alice", "events": 1}],
    ),
    Case("logging_cut", "Logging begun; a call of that name of another service.", looked_at_logs),
    Case(
        "key_use",
        "Both calls of the key, one refused, and nothing of Bob's.",
        key_in_use,
        [
            {
                "actor_name": "alice",
                "events": 2,
                "denied": 1,
                "evidence": "direct",
                "session_id": None,
            }
        ],
    ),
    Case(
        "key_use",
        "A key whose issue is not in the lake names nobody, whatever its session is called.",
        temporary_key,
        [{"actor_name": None, "claimed_actor": "x", "evidence": "claimed", "chain": [ANALYST]}],
    ),
    Case("key_use", "A key that was never used.", key_of_nobody),
    Case(
        "root_activity",
        "Root's own key.",
        root_by_key,
        [{"actor_kind": "root", "way": "access key", "account_id": "300000000003", "mfa": None}],
    ),
    Case(
        "root_activity",
        "AssumeRoot from another account is that account's user.",
        root_by_other_account,
        [{"actor_name": "alice", "actor_kind": "iam-user", "way": "AssumeRoot"}],
    ),
    Case(
        "root_activity",
        "Where AssumeRoot is not in the lake, nobody is named.",
        root_unknown,
        [{"actor_name": None, "actor_kind": "unresolved"}],
    ),
    Case("root_activity", "A session that calls itself root is none.", no_root),
    Case(
        "console_without_mfa",
        "A user and root, each in his account.",
        without_mfa,
        [
            {"actor_name": "alice", "sign_ins": 1, "account_id": "200000000002"},
            {"actor_name": "root", "sign_ins": 1, "account_id": "300000000003"},
        ],
    ),
    Case(
        "console_without_mfa",
        "With MFA, failed, or federated, where MFA is not in the log.",
        with_mfa,
    ),
    Case(
        "token_use",
        "A federation token is its caller's, whatever it is called.",
        federation,
        [{"actor_name": "alice", "event_name": "GetFederationToken", "token_name": "bob"}],
    ),
    Case(
        "token_use",
        "A console session out of a role's credentials.",
        sign_in_token,
        [{"actor_name": "alice", "event_name": "GetSigninToken", "chain": [ANALYST]}],
    ),
    Case(
        "token_use", "GetSessionToken is another thing; a refused call gives nothing.", other_tokens
    ),
    Case(
        "outlives_credential",
        "The second hat lives on, for ten minutes by now.",
        lives_on,
        [{"actor_name": "alice", "ended_by": "DeleteAccessKey", "minutes_after": 10, "events": 1}],
    ),
    Case(
        "outlives_credential",
        "A federation token goes on after its key was disabled.",
        federated_after_disabling,
        [{"actor_name": "alice", "ended_by": "UpdateAccessKey", "minutes_after": 60}],
    ),
    Case(
        "outlives_credential",
        "A role put on with a session token of a user who was deleted.",
        user_deleted,
        [{"actor_arn": ALICE, "ended_by": "DeleteUser", "chain": [ANALYST]}],
    ),
    Case(
        "outlives_credential",
        "The console session of a password that was taken away, and only that.",
        password_taken,
        [{"actor_name": "alice", "ended_by": "DeleteLoginProfile", "chain": []}],
    ),
    Case("outlives_credential", "Nothing after the end, but by another key.", nothing_lives_on),
    Case("outlives_credential", "The key was enabled again before.", enabled_again),
    Case(
        "outlives_credential", "Another's user of the same name was deleted.", same_name_elsewhere
    ),
)
