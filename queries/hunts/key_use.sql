-- Who used an access key, when, from where and for what, and which call handed it out.
-- grain: one row per access key, actor, chain of roles and session
-- $key list, required: access keys, long-term (AKIA…) or temporary (ASIA…).
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: info
-- technique: T1078.004
-- blind spots: Keys that the console, Identity Center and AWS services derive are others than the
-- key that was handed out: `rolecall trace KEY` follows the session as well. A key that did not
-- exist leaves no record.
-- reads: attributed_events, events
with used as (
    select
        *,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where
        user_access_key_id in (select unnest($key))
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

issued as (
    select
        issued_access_key_id,
        min(event_id) as issued_by_event
    from events
    where issued_access_key_id in (select unnest($key)) and error_code is null
    group by issued_access_key_id
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
        user_access_key_id as access_key_id,
        session_id,
        recipient_account_id,
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        list(distinct source_ip_address) filter (where source_ip_address is not null)
            as addresses,
        arg_min(event_id, (event_time, event_id)) as first_event_id
    from used
    group by all
),

by_session as (
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
        access_key_id,
        session_id,
        list_sort(
            list(distinct recipient_account_id) filter (where recipient_account_id is not null)
        ) as accounts,
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
        access_key_id,
        session_id
)

select
    s.*,
    i.issued_by_event
from by_session as s
left join issued as i on s.access_key_id = i.issued_access_key_id
order by s.first_time, s.event_id
