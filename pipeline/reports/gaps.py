"""Why it is not known who began a chain, in words, and what would close the gap.

The reasons are those of queries/models/session_gaps.sql, and of
queries/reports/status_reasons.sql for events without a session.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """A reason.

    meaning -- what it is, for many sessions. closes -- what would close it, for many sessions.
    what, closed_by -- the same for one session, with {account}, {call}, {caller} and so on.
    """

    meaning: str
    closes: str
    what: str = ""
    closed_by: str = ""


GAPS = {
    "issuing-call-not-in-the-lake": Gap(
        meaning="the call that issued the session is not in the lake",
        closes="all regions of these accounts, and the trails of the accounts that call them",
        what="{call} is not in the lake; the trail of account {account} is ingested from {since}",
        closed_by="all regions of account {account}, and the trail of the account that called",
    ),
    "before-the-lake": Gap(
        meaning="the session began before the account's first event in the lake",
        closes="earlier files of these accounts: 36 hours more are enough",
        what="{call} is not in the lake; the trail of account {account} is ingested from {since}",
        closed_by="earlier files of account {account}",
    ),
    "account-not-ingested": Gap(
        meaning="the call that issued the session is in a trail that is not ingested",
        closes="the trails of these accounts",
        what="{call} is not in the lake; the trail of account {account} is not ingested",
        closed_by="the trail of account {account}",
    ),
    "caller-account-not-ingested": Gap(
        meaning="the caller is of an account whose trail is not ingested",
        closes="the trails of these accounts: their copies of the calls name the callers",
        what="{call} was made by {caller} of account {account}; the trail of account {account} is "
        "not ingested",
        closed_by="the trail of account {account}: its copy of the call names the caller",
    ),
    "caller-not-in-the-lake": Gap(
        meaning="the account is known, but not its copy of the call nor the caller's session",
        closes="all regions of these accounts, from 36 hours before",
        what="{call} was made by {caller} of account {account}; the caller's own copy of it, or "
        "session, is not in the lake, though the trail of account {account} is ingested from "
        "{since}",
        closed_by="all regions of account {account}, from 36 hours before",
    ),
    "no-sign-in-record": Gap(
        meaning="a console session, or root's, without a sign-in record",
        closes="all regions of these accounts: a sign-in is recorded in the region that served it",
        what="no sign-in record for the {session} begun at {begun}: the sign-in is not in the lake",
        closed_by="all regions of account {account}: a sign-in is recorded in the region that "
        "served it",
    ),
    "ambiguous": Gap(
        meaning="several callers are possible; none is picked",
        closes="nothing but records that carry the access key of the calls",
        what="{call} could be that of any of {count} callers; none is picked: {candidates}",
        closed_by="records that carry the access key of the calls, or both accounts' copies",
    ),
    "account-access-manager": Gap(
        meaning="issued by AWS's account access manager, whose record does not name the person",
        closes="the Identity Center trail of the management account",
        what="{call} was made by AWS's account access manager; its record does not name the person",
        closed_by="the Identity Center trail of the management account",
    ),
    "broken-records": Gap(
        meaning="records that contradict each other",
        closes="the files as AWS delivered them",
        what="the records of this session contradict each other",
        closed_by="the files as AWS delivered them",
    ),
    "outside-account": Gap(
        meaning="calls by an account whose trail is not ingested; the record shows no more of it",
        closes="the trails of these accounts: their copies of the calls name the callers",
    ),
    "failed-sign-in": Gap(
        meaning="refused sign-ins and federations: the name is only what was typed",
        closes="nothing: it proves nobody",
    ),
    "no-identity": Gap(
        meaning="records that name nobody",
        closes="nothing in CloudTrail",
    ),
}
"""Every reason by its name."""
