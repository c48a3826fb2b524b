-- Use of GetFederationToken (credentials that outlive their key) and of GetSigninToken (a console
-- session made from API credentials), with the sessions that came of it.
-- grain: one row per actor, chain of roles, call, token name and user agent
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: medium
-- technique: T1550.001
-- blind spots: Custom portals and Identity Center use GetSigninToken rightly: look at the user
-- agent, which the caller chooses. Sessions that were never used are not listed.
-- reads: attributed_events, session_links
with made as (
    select
        unnest(event_ids) as event_id,
        session_id
    from session_links
    where outcome = 'found'
),

led_to as (
    select
        event_id,
        list(session_id order by session_id) as session_ids
    from made
    group by event_id
),

calls as (
    select
        a.*,
        a.request_parameters ->> '$.name' as token_name,
        coalesce(t.session_ids, []) as made_sessions
    from attributed_events as a
    left join led_to as t on a.event_id = t.event_id
    where
        (
            (a.event_source = 'sts.amazonaws.com' and a.event_name = 'GetFederationToken')
            or (a.event_source = 'signin.amazonaws.com' and a.event_name = 'GetSigninToken')
        )
        and a.error_code is null
        and ($since is null or a.event_time >= $since)
        and ($until is null or a.event_time < $until)
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
    event_name,
    token_name,
    user_agent,
    min(event_time) as first_time,
    max(event_time) as last_time,
    count(*) as calls,
    list_sort(list(distinct recipient_account_id)) as accounts,
    coalesce(
        list_sort(list(distinct source_ip_address) filter (where source_ip_address is not null)),
        []
    ) as source_addresses,
    list_sort(list_distinct(flatten(list(made_sessions)))) as session_ids,
    arg_min(event_id, (event_time, event_id)) as event_id
from calls
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
    event_name,
    token_name,
    user_agent
order by first_time, event_id
