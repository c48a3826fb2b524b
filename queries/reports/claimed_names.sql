-- Names that sessions or sign-ins only claim: whose they are, nothing in the lake proves.
-- grain: one row per claimed name and what claims it
-- reads: attributed_events
-- Optional: $since (inclusive), $until (exclusive), $actor (the claimed name, or glob), $role (ARN,
-- name or glob, anywhere in the chain), $account (of the event).
select
    claimed_actor,
    claim_source,
    count(*) as events,
    count(*) filter (
        where regexp_matches(
            error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
        )
    ) as denied,
    count(distinct session_id) as sessions,
    min(event_time) as first_time,
    max(event_time) as last_time,
    list_sort(list_distinct(flatten(list(distinct chain)))) as roles,
    list_sort(list(distinct evidence)) as evidences,
    list_sort(
        list(distinct recipient_account_id) filter (where recipient_account_id is not null)
    ) as accounts,
    list_sort(list(distinct source_ip_address) filter (where source_ip_address is not null))
        as source_addresses,
    arg_max(session_id, (event_time, session_id)) as last_session_id
from attributed_events
where
    claimed_actor is not null
    and actor_kind = 'unresolved'
    and ($since is null or event_time >= $since)
    and ($until is null or event_time < $until)
    and ($actor is null or lower(claimed_actor) glob lower($actor))
    and ($account is null or recipient_account_id = $account)
    and (
        $role is null
        or len(
            list_filter(
                chain,
                lambda r: lower(r) glob lower($role)
                or lower(regexp_extract(r, '[^/:]*$')) glob lower($role)
            )
        ) > 0
    )
group by claimed_actor, claim_source
order by events desc, claimed_actor asc, claim_source asc
