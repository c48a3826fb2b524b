"""The bundled samples: an incident in a small organisation, `python -m tests.world.samples`.

The story is told in data/samples/README.md; each function below plays one of its strands.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from tests.world import activity as work
from tests.world.delivery import write
from tests.world.expected import expected
from tests.world.federation import role_with_web_identity
from tests.world.forward import forwarded
from tests.world.model import Credential, Event
from tests.world.sts import access_key, assume_role, deny_assume_role, get_session_token
from tests.world.times import DAY, HOUR, MINUTE
from tests.world.workloads import (
    ec2_instance,
    lambda_function,
    other_service,
    service_call,
    service_linked_role,
    service_linked_session,
)
from tests.world.world import World

SEED = 20261120
ORG = "o-r0llca11ab"
OFFICE, HOME, CAFE, PARTNER = "203.0.113.24", "203.0.113.87", "198.51.100.66", "198.51.100.140"


class Stage:
    """The organisation in which the incident plays."""

    def __init__(self) -> None:
        self.world = World(SEED, start="2026-11-20T06:00:00Z")
        self.world.org_id = ORG
        self.management = self.world.account("management", id="100000000001")
        self.security = self.world.account("security", id="200000000002")
        self.production = self.world.account("production", id="300000000003")
        self.staging = self.world.account("staging", id="400000000004")
        self.partner = self.world.account("partner", id="900000000009", outside=True)
        role = self.world.role
        self.analyst = role(self.security, "SecurityAnalystRole")
        self.break_glass = role(self.production, "SecurityBreakGlassRole", path="/security/")
        self.deploy = role(self.production, "DeployRole", path="/ci/")
        self.support = role(self.staging, "SupportRole")
        self.data_export = role(self.production, "DataExportRole")
        self.shop = role(self.production, "ShopInstanceRole")
        self.checkout = role(self.production, "CheckoutFunctionRole", path="/service-role/")
        self.to_logs = role(self.management, "CloudTrailToLogsRole")
        self.victim = ""
        self.stolen_key: str | None = None


def routine(who: Credential, calls: tuple[work.Call, ...], times: int, gap: int) -> list[Event]:
    """So many calls from a list, one every `gap` seconds or a little later."""
    dice = who.world.random
    made = []
    for _ in range(times):
        at = who.world.tick(gap + dice.randrange(1 + gap // 4))
        made.append(dice.choice(calls).by(who, dice, at=at))
    return made


def daily_work(stage: Stage) -> None:
    """An instance, a function, a GitHub workflow and CloudTrail itself, three days long."""
    world = stage.world
    for day in range(3):
        start = world.at("2026-11-20T06:10:00Z") + day * DAY
        instance, old_style = ec2_instance(
            world, stage.shop, at=start, instance="i-0c5a1f0e9b7d2468a"
        )
        world.now = start
        routine(instance, work.SERVING, 14, 40)
        work.SERVING[1].by(old_style, world.random)
        stage.victim = instance.session_name or ""
        function = lambda_function(world, stage.checkout, "checkout", at=start + 2 * HOUR)
        world.now = start + 2 * HOUR
        routine(function, work.SERVING[3:9], 8, 25)
        github(stage, start + 3 * HOUR, day)
        cloudtrail(stage, start + 4 * HOUR)


def github(stage: Stage, at: int, day: int) -> None:
    """A release by a GitHub workflow."""
    runner = role_with_web_identity(
        stage.world, stage.deploy, "repo:example/shop:ref:refs/heads/main", f"GitHubActions-{day}",
        at=at,
    )  # fmt: skip
    stage.world.now = at
    routine(runner, work.BUILDING, 11, 20)
    pass_role = f"User: {runner.arn} is not authorized to perform: iam:PassRole on resource: "
    runner.call(
        "lambda",
        "CreateFunction20150331",
        params={"functionName": "refund", "role": stage.checkout.arn},
        error=("AccessDeniedException", pass_role + stage.checkout.arn),
    )
    forwarded(runner, "cloudformation", "s3", "GetObject", params={"bucketName": "shop-artifacts"})


def cloudtrail(stage: Stage, at: int) -> None:
    """CloudTrail puts its log into CloudWatch; GuardDuty and Config do their rounds."""
    world = stage.world
    name = "CLOUDWATCH_LOGS_DELIVERY_SESSION"
    trail = other_service(world, "cloudtrail", stage.to_logs, name, at=at)
    world.now = at
    group = {"logGroupName": "/org/cloudtrail", "logStreamName": f"{stage.management.id}_x"}
    for _ in range(3):
        trail.call("logs", "CreateLogStream", params=group, at=world.tick(300))
    key = {"keyId": f"arn:aws:kms:us-east-1:{stage.management.id}:key/1", "keySpec": "AES_256"}
    fields = {"requestParameters": key}
    service_call(world, "cloudtrail", stage.management, "kms", "GenerateDataKey", fields=fields)
    guard = service_linked_role(
        world, stage.production, "guardduty", role_name="AWSServiceRoleForAmazonGuardDuty",
        id="AROA" + "GUARDDUTYSAMPLEAB",
    )  # fmt: skip
    rounds = service_linked_session(world, guard, "guardduty", keyless=True)
    for _ in range(3):
        rounds.call("ec2", "DescribeInstances", params={"instancesSet": {}}, at=world.tick(30))


def contractor(stage: Stage) -> None:
    """A key of 400 days, made by an administrator who has left; the contractor still uses it."""
    world = stage.world
    day = world.at("2026-11-20T00:00:00Z")
    admin = access_key(world.user(stage.staging, "olivia.admin", ip=OFFICE))
    carl = world.user(stage.staging, "carl.contractor", ip=PARTNER, agent="Boto3/1.26.90")
    key = access_key(carl, at=day - 400 * DAY + 9 * HOUR, by=admin)
    for index, offset in enumerate((9 * HOUR, DAY + 10 * HOUR, 2 * DAY + 9 * HOUR)):
        world.now = day + offset
        key.call("sts", "GetCallerIdentity")
        routine(key, (work.s3_object("GetObject", "staging-exports", "job-{n}.csv"),), 5, 30)
        hat = assume_role(key, stage.support, "carl")
        routine(hat, work.ADMINISTERING[:8], 7, 35)
        work.secret("prod/payments").by(hat, world.random, denied=True)
        if index == 1:
            forwarded(key, "athena", "s3", "GetObject", params={"bucketName": "staging-exports"})


def intruder(stage: Stage) -> None:
    """Mallory, an IAM user in staging, calls himself `alice`; the data leave with his key."""
    world = stage.world
    world.at("2026-11-21T02:10:00Z")
    mallory = access_key(world.user(stage.staging, "mallory", ip=CAFE))
    stage.stolen_key = mallory.key
    mallory.call("sts", "GetCallerIdentity")
    for role in (stage.break_glass, stage.deploy, stage.shop):
        deny_assume_role(mallory, role)
    framed = assume_role(mallory, stage.data_export, "alice")
    work.table("Scan", "customers").by(framed, world.random)
    calls = (work.s3_object("GetObject", "customer-exports", "2026/part-{n}.parquet"),)
    routine(framed, calls, 18, 15)
    work.secret("shop/db").by(framed, world.random, denied=True)
    # The trail does not cover the region whose STS endpoint he uses now.
    hidden = assume_role(mallory, stage.support, "alice", at=world.tick(600))
    assert hidden.issue is not None
    world.withhold(hidden.issue.call)
    routine(hidden, work.ADMINISTERING[:6], 6, 20)
    denied_delete = work.Call("cloudtrail", "StopLogging", {"name": "org-trail"})
    denied_delete.by(hidden, world.random, denied=True)


def outsider(stage: Stage) -> None:
    """A partner's account, whose trail is not ours, puts on a role that trusts it."""
    world = stage.world
    world.at("2026-11-21T11:00:00Z")
    nina = access_key(world.user(stage.partner, "nina", ip="192.0.2.51"))
    visit = assume_role(nina, stage.support, "alice")
    routine(visit, work.LOOKING[6:8], 4, 40)


def alice(stage: Stage) -> None:
    """The alarm: Alice looks as analyst, then contains with the break-glass role."""
    world = stage.world
    world.at("2026-11-21T08:55:00Z")
    key = access_key(world.user(stage.security, "alice", ip=OFFICE))
    key.call("iam", "ListMFADevices", params={"userName": "alice"})
    session = get_session_token(key, mfa=True)
    session.call("sts", "GetCallerIdentity")
    look = assume_role(session, stage.analyst, "alice", source_identity="alice")
    routine(look, work.LOOKING, 26, 30)
    deny_assume_role(look, stage.data_export)
    world.now += 10 * MINUTE
    contain = assume_role(look, stage.break_glass, "alice")
    containment(stage, contain)
    routine(look, work.LOOKING[:6], 6, 45)
    again(stage, session)


def containment(stage: Stage, hat: Credential) -> None:
    """What the break-glass session did."""
    revoke = {"roleName": "DataExportRole", "policyName": "AWSRevokeOlderSessions"}
    victim = {"instanceId": stage.victim}
    group = {"groupDescription": "isolated", "groupName": "quarantine", "vpcId": "vpc-0a1"}
    volume = {"volumeId": "vol-0f1e2d3c4b5a69788", "description": "evidence"}
    steps = [
        ("iam", "GetRole", {"roleName": "DataExportRole"}),
        ("iam", "PutRolePolicy", revoke | {"policyDocument": '{"Effect":"Deny"}'}),
        ("iam", "UpdateAssumeRolePolicy", {"roleName": "DataExportRole"}),
        ("ec2", "DescribeInstances", {"instancesSet": {"items": [victim]}}),
        ("ec2", "CreateSecurityGroup", group),
        (
            "ec2",
            "ModifyInstanceAttribute",
            victim | {"groupSet": {"items": [{"groupId": "sg-0q"}]}},
        ),
        ("ec2", "CreateSnapshot", volume),
        ("ec2", "CreateTags", {"tagSet": {"items": [{"key": "incident", "value": "INC-7"}]}}),
        ("s3", "PutBucketPolicy", {"bucketName": "customer-exports", "policy": ""}),
        ("secretsmanager", "RotateSecret", {"secretId": "shop/db"}),
        ("lambda", "PutFunctionConcurrency20171031", {"functionName": "checkout"}),
    ]
    for source, name, params in steps:
        hat.call(source, name, params=params, at=stage.world.tick(50))
    hat.call("organizations", "AttachPolicy", params={"policyId": "p-1"}, denied=True)
    forwarded(hat, "secretsmanager", "lambda", "Invoke", params={"functionName": "rotate"})


def again(stage: Stage, session: Credential) -> None:
    """In the staging account too: a late AssumeRole, and the intruder's key is disabled."""
    world = stage.world
    helper = world.role(stage.staging, "SecurityResponderRole", path="/security/")
    hat = assume_role(session, helper, "alice", at=world.tick(120))
    assert hat.issue is not None
    assert hat.issue.owner_copy is not None
    hat.issue.call.delay = hat.issue.owner_copy.delay = 3 * HOUR
    disable = {"userName": "mallory", "accessKeyId": stage.stolen_key, "status": "Inactive"}
    hat.call("iam", "ListAccessKeys", params={"userName": "mallory"})
    hat.call("iam", "UpdateAccessKey", params=disable)
    hat.call("iam", "DeleteLoginProfile", params={"userName": "mallory"})
    broken = hat.call("iam", "ListUserPolicies", params={"userName": "mallory"})
    record = {k: v for k, v in broken.record.items() if k != "eventTime"}
    broken.broken = json.dumps(record, separators=(",", ":"))


def play() -> World:
    """The whole story."""
    stage = Stage()
    daily_work(stage)
    contractor(stage)
    intruder(stage)
    alice(stage)
    outsider(stage)
    return stage.world


def generate(folder: Path) -> list[Path]:
    """Write `org-trail/` and `truth.ndjson` into a folder, in place of what was there."""
    world = play()
    trail = folder / "org-trail"
    if trail.exists():
        shutil.rmtree(trail)
    paths = write(world, trail, every=15 * MINUTE, duplicated_files=1)
    lines = [json.dumps(e.row(), separators=(",", ":")) for e in expected(world).values()]
    truth = folder / "truth.ndjson"
    truth.write_text("\n".join(lines) + "\n")
    return [*paths, truth]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the bundled samples.")
    parser.add_argument("folder", type=Path)
    paths = generate(parser.parse_args().folder)
    size = sum(path.stat().st_size for path in paths)
    sys.stdout.write(f"{len(paths)} files, {size:,} bytes\n")


if __name__ == "__main__":
    main()
