"""Which models a call of Bedrock needs, by its `modelId`."""

from __future__ import annotations

import pytest

from tests.least_privilege.test_resources import arns


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("a.claude-v1:0", ["arn:aws:bedrock:eu-west-1::foundation-model/a.claude-v1:0"]),
        (
            "eu.a.claude-v1:0",
            [
                "arn:aws:bedrock:*::foundation-model/a.claude-v1:0",
                "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.a.claude-v1:0",
            ],
        ),
        (
            "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.a.b-v1",
            [
                "arn:aws:bedrock:*::foundation-model/a.b-v1",
                "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.a.b-v1",
            ],
        ),
        (
            "arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/p",
            ["arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/p"],
        ),
        (
            "sa.a.claude-v1:0",
            [
                "arn:aws:bedrock:*::foundation-model/a.claude-v1:0",
                "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/sa.a.claude-v1:0",
            ],
        ),
        (
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/q1",
            [
                "arn:aws:bedrock:*::foundation-model/*",
                "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/q1",
            ],
        ),
        ("a*b", ["arn:aws:bedrock:eu-west-1::foundation-model/a${*}b"]),
    ],
)
def test_a_model_is_what_its_id_says(model: str, expected: list[str]) -> None:
    """The types of IAM's list are alternatives: one call needs one of them."""
    for name, action in (
        ("InvokeModel", "bedrock:InvokeModel"),
        ("ConverseStream", "bedrock:InvokeModelWithResponseStream"),
    ):
        assert arns("bedrock", name, {"modelId": model})[action] == expected
