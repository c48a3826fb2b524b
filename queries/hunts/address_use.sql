-- What was done from a source address: who, under which roles, in which accounts, to what.
-- grain: one row per actor, chain of roles, session and account
-- $address list, required: addresses, or patterns such as 203.0.113.*; also names of AWS services.
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: info
-- technique: T1078.004
-- blind spots: One address may stand for many people (NAT, VPN, AWS CloudShell). Calls that AWS
-- services or the console make on somebody's behalf show an AWS name in place of the address.
-- reads: attributed_events
with used as (
    select
        *,
        [r ->> '$.ARN' for r in try_cast(resources as json[])] as arns,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where
        len(list_filter($address, lambda a: source_ip_address glob a)) > 0
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

by_action as (
    select
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        evidence,
        session_id,
        recipient_account_id as account_id,
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        list(distinct source_ip_address) filter (where source_ip_address is not null)
            as addresses,
        arg_min(event_id, (event_time, event_id)) as first_event_id,
        list_distinct(flatten(list(arns))) as arns,
        list(distinct user_access_key_id) filter (where user_access_key_id is not null)
            as access_keys
    from used
    group by all
)

select
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    session_id,
    account_id,
    min(first_seen) as first_time,
    max(last_seen) as last_time,
    sum(event_count)::bigint as events,
    sum(denied_count)::bigint as denied,
    list(
        {
            'service': event_source,
            'action': event_name,
            'events': event_count,
            'denied': denied_count
        }
        order by event_count desc, event_source asc, event_name asc
    ) as actions,
    coalesce(list_sort(list_distinct(flatten(list(addresses)))), []) as source_addresses,
    coalesce(list_sort(list_distinct(flatten(list(arns)))), []) as resources,
    coalesce(list_sort(list_distinct(flatten(list(access_keys)))), []) as access_key_ids,
    arg_min(first_event_id, (first_seen, first_event_id)) as event_id
from by_action
group by
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    session_id,
    account_id
order by first_time, event_id
