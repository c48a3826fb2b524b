-- Everything that root users did, and sessions of root: by key, console or AssumeRoot.
-- grain: one row per actor, chain of roles, session, account and way
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1078.004
-- blind spots: A root session whose AssumeRoot is not in the lake may be the work of another
-- account's administrator; it stands under `unresolved`. Failed sign-ins name nobody.
-- reads: attributed_events
with root_events as (
    select
        *,
        case
            when len(chain) > 0 then 'AssumeRoot'
            when user_access_key_id like 'AKIA%' then 'access key'
            when session_id is not null then 'session'
            else 'sign-in'
        end as way,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where
        (user_type = 'Root' or actor_kind = 'root')
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
        way,
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        list(distinct source_ip_address) filter (where source_ip_address is not null)
            as addresses,
        arg_min(event_id, (event_time, event_id)) as first_event_id,
        bool_or(session_mfa_authenticated) as has_mfa,
        list(distinct user_access_key_id) filter (where user_access_key_id like 'AKIA%')
            as access_keys
    from root_events
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
    way,
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
    bool_or(has_mfa) as mfa,
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
    account_id,
    way
order by first_time, event_id
