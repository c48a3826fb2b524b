"""The list of actions that is shipped: what has to hold for every action and type in it."""

from __future__ import annotations

import pytest

from pipeline.arn import Arn
from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Place, Request
from pipeline.least_privilege.resources import resources_of
from pipeline.least_privilege.templates import filled

HERE = Place("aws", "eu-west-1", "111122223333")


def test_every_type_of_an_action_has_its_arns() -> None:
    """The list parts types by blanks, and none of AWS's names of types is torn by that."""
    index = ActionIndex.packaged()
    templates = {
        (action.split(":")[0], resource_type.name): template
        for prefix in index.prefixes
        for action in index.actions(prefix)
        for resource_type, template in index.templates(action)
    }
    filled_in = {key: filled(template, HERE.values()) for key, template in templates.items()}
    assert [key for key, arn in filled_in.items() if "," in arn or Arn.parse(arn) is None] == []
    assert len(templates) > 2000


def test_what_sets_tags_is_an_action_that_sets_tags() -> None:
    """Of the called service, of IAM's level Tagging, and it takes none away."""
    index = ActionIndex.packaged()
    tagging = {(action.split(":")[0], tags) for action, (tags, _) in index.tags.items()}
    assert {prefix for prefix, tags in tagging if tags.split(":")[0] != prefix} == set()
    levels = {tags: index.level(tags) for _, tags in tagging}
    assert [tags for tags, level in levels.items() if not level.startswith("Tagging")] == []
    assert [tags for tags in levels if ":Untag" in tags or ":Remove" in tags] == []


@pytest.mark.parametrize(
    ("source", "name", "parameters", "expected"),
    [
        ("lex", "CreateBotVersion", {"botId": "B"}, "bot/B"),
        ("greengrass", "GetDeployment", {"deploymentId": "d"}, "deployments:d"),
        ("lex", "RecognizeText", {"botId": "B", "botAliasId": "A"}, "bot-alias/B/A"),
        ("config", "DeleteConfigRule", {"configRuleName": "r"}, "config-rule/*"),
        ("redshift-serverless", "DeleteWorkgroup", {"workgroupName": "w"}, "workgroup/*"),
        ("iotfleetwise", "GetVehicle", {"vehicleName": "v"}, "vehicle/v"),
    ],
)
def test_an_id_is_not_a_name(
    source: str, name: str, parameters: dict[str, object], expected: str
) -> None:
    """A type with two ARNs is named by the one that the request fills; a name fills in no id."""
    index = ActionIndex.packaged()
    (need, *_) = actions_of(Call(source, name, parameters)).needed
    arns = [r.arn for r in resources_of(need, Request(HERE, parameters), index)]
    assert f"arn:aws:{need.action.split(':')[0]}:eu-west-1:111122223333:{expected}" in arns
