"""A random organisation at work: its cast, and the episodes that make up its days."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.world import activity
from tests.world.federation import role_with_saml, role_with_web_identity
from tests.world.forward import forwarded
from tests.world.identity_center import Person, permission_set_role, workforce
from tests.world.model import Account, Credential, Role
from tests.world.sts import access_key
from tests.world.times import iso
from tests.world.workloads import service_linked_role
from tests.world.world import World

NAMES = ("ops", "deploy", "admin", "x", "alice", "bob", "session", "terraform", "AWSCLI-Session")
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
ROLES = ("Admin", "Analyst", "BreakGlass", "Deploy", "Reader", "Billing", "Support", "Data")
PATHS = ("/", "/", "/", "/teams/blue/", "/service-role/")
REGIONS = ("us-east-1", "us-east-1", "eu-central-1", "us-west-2")
SERVICES = ("s3", "lambda", "athena", "cloudformation", "glue", "kms")


class Organisation:
    """The cast of a large world. It lasts; sessions last for an episode.

    lost -- share of episodes in which the call that issued a session is missing.
    """

    def __init__(self, seed: int, *, accounts: int = 8, lost: float = 0.03) -> None:
        self.world = World(f"organisation-{seed}", start="2026-01-05T07:00:00Z")
        self.dice = Random(f"dice-{seed}")
        self.lost = lost
        world = self.world
        self.accounts = [world.account(f"a{n}") for n in range(accounts)]
        self.strangers = [world.account(f"o{n}", outside=True) for n in range(2)]
        self.users = [self._user(a, name) for a in self.accounts for name in PEOPLE]
        self.keys = [access_key(user) for user in self.users]
        self.foreign_keys = [access_key(self._user(a, n)) for a in self.strangers for n in PEOPLE]
        self.roles = [self._role(a, name) for a in self.accounts for name in ROLES]
        self.foreign_roles = [self._role(a, name) for a in self.strangers for name in ROLES]
        self.roots = [access_key(world.root(a)) for a in self.accounts]
        staff = workforce(world, self.accounts[0])
        self.staff: list[Person] = [staff.person(f"{n}@example.com") for n in PEOPLE * 2]
        sets = ("Admin", "ReadOnly", "Developer")
        self.permission_sets = [
            permission_set_role(world, a, name) for a in self.accounts for name in sets
        ]
        self.linked = [
            service_linked_role(world, a, "rds", role_name="AWSServiceRoleForRDS")
            for a in self.accounts
        ]
        self.old_keys: list[str] = []

    def _user(self, account: Account, name: str) -> Credential:
        return self.world.user(account, name, ip=f"203.0.113.{self.dice.randrange(1, 255)}")

    def _role(self, account: Account, name: str) -> Role:
        return self.world.role(account, name, path=self.dice.choice(PATHS))

    def name(self) -> str:
        """A session name; few enough that they collide."""
        if self.dice.random() < 0.2:
            return f"botocore-session-{self.world.now}"
        return self.dice.choice(NAMES)

    def person(self) -> Credential:
        """A long-term key of one of our users."""
        return self.dice.choice(self.keys)

    def role(self, *, near: Account | None = None) -> Role:
        """One of our roles, most often of the same account."""
        role = self.dice.choice(self.roles)
        while near is not None and role.account != near and self.dice.random() < 0.7:
            role = self.dice.choice(self.roles)
        return role

    def work(self, by: Credential, low: int = 3, high: int = 30) -> None:
        """Some calls: most succeed, some are denied, some are made by a service for the caller."""
        dice, world = self.dice, self.world
        for _ in range(dice.randrange(low, high)):
            at = world.tick(dice.randrange(1, 40))
            luck = dice.random()
            if luck < 0.05:
                forwarded(by, dice.choice(SERVICES), "kms", "Decrypt", at=at)
            elif luck < 0.06 and by.user_type == "AssumedRole":
                by.call("s3", "ListBuckets", at=at, key=None)
            else:
                call = dice.choice(activity.EVERYTHING)
                region = dice.choice(REGIONS)
                call.by(by, dice, at=at, region=region, denied=luck > 0.94)

    def maybe_lose(self, *sessions: Credential) -> None:
        """Now and then one of these sessions' issuing calls is missing from the trail."""
        if self.dice.random() >= self.lost:
            return
        issue = self.dice.choice(sessions).issue
        if issue is None:
            return
        copies = [c for c in (issue.call, issue.owner_copy) if c is not None]
        if len(copies) > 1 and self.dice.random() < 0.5:
            copies = [self.dice.choice(copies)]
        self.world.withhold(*copies)

    def saml(self, *, console: bool = False) -> Credential:
        """A role put on with SAML."""
        subject = f"{self.dice.choice(PEOPLE)}@example.com"
        return role_with_saml(self.world, self.role(), subject, console=console)

    def job(
        self, subject: str, provider: str = "token.actions.githubusercontent.com"
    ) -> Credential:
        """A role put on with a web identity."""
        name = self.dice.choice(("GitHubActions", "job", iso(self.world.now).replace(":", "-")))
        return role_with_web_identity(self.world, self.role(), subject, name, provider=provider)


Episode = Callable[[Organisation], None]
