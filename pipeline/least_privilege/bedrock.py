"""The models that a call of Bedrock needs, by what stands in `modelId`.

IAM's types of these actions are alternatives, of which a call names one. A call through an
inference profile needs the profile and the foundation model in each region that the profile may
choose (Bedrock user guide, "Prerequisites for inference profiles").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.least_privilege.naming import Request, Resource, texts

ACTIONS = frozenset({"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"})
MEMBER = "modelId"

_GEOGRAPHY = re.compile(r"(?:us-gov|apac|global|[a-z]{2})\.(?=[a-z0-9-]+\.)")
_PROFILE = re.compile(r"arn:[^:]+:bedrock:[^:]*:[^:]*:(?:application-)?inference-profile/(.+)")


def models(request: Request) -> Iterator[Resource]:
    """The ARNs of the models, none where the request does not name them."""
    place = request.place
    stem = f"arn:{place.partition}:bedrock"
    own = f"{stem}:{place.region}:{place.account or '*'}"
    for model in texts(request.parameters, MEMBER):
        by_arn = _PROFILE.fullmatch(model)
        if model.startswith("arn:") and not by_arn:
            yield Resource(model)
            continue
        profile = by_arn.group(1) if by_arn else model
        geography = _GEOGRAPHY.match(profile)
        if geography or by_arn:
            yield Resource(model if by_arn else f"{own}:inference-profile/{profile}")
            behind = profile[geography.end() :] if geography else "*"
            reason = "the inference profile chooses the region" + (
                "" if geography else ", and the request does not tell its model"
            )
            yield Resource(f"{stem}:*::foundation-model/{behind}", reason)
        else:
            yield Resource(f"{stem}:{place.region}::foundation-model/{model}")
