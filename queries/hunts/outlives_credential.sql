-- Sessions that live on after what began their chain is gone: its access key deleted or disabled,
-- its user deleted, its password taken away.
-- grain: one row per session or long-term key still used, and the end of its credential
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: critical
-- technique: T1550.001
-- blind spots: Five seconds are allowed, as long as IAM takes to spread a change. Only IAM users
-- and root: Identity Center users and identity providers that were removed are not looked at, nor
-- are changed passwords. The beginning of the chain must be in the lake.
-- reads: attributed_events, session_links, sessions
with statuses as (
    select
        *,
        request_parameters ->> '$.accessKeyId' as status_key,
        recipient_account_id as user_account,
        coalesce(request_parameters ->> '$.userName', if(actor_kind = 'iam-user', actor_name, null))
            as user_called,
        event_name in ('DeleteAccessKey', 'DeleteUser', 'DeleteLoginProfile')
        or (request_parameters ->> '$.status') = 'Inactive' as is_end
    from attributed_events
    where
        event_source = 'iam.amazonaws.com'
        and event_name in (
            'DeleteAccessKey',
            'UpdateAccessKey',
            'DeleteUser',
            'CreateUser',
            'DeleteLoginProfile',
            'CreateLoginProfile'
        )
        and error_code is null
),

hats as (
    select
        s.session_id,
        s.actor_account,
        s.actor_name,
        s.actor_kind,
        s.last_seen,
        o.started_at as began_at,
        if(l.caller_access_key_id like 'AKIA%', l.caller_access_key_id, null) as root_key,
        coalesce(l.issue_kind = 'console-login', false) as by_password
    from sessions as s
    inner join sessions as o on s.origin_session_id = o.session_id
    left join session_links as l on s.origin_session_id = l.session_id
),

matched as (
    select
        h.session_id,
        null as access_key_id,
        h.began_at,
        e.event_id as end_event_id
    from hats as h
    inner join statuses as e on h.root_key = e.status_key
    where e.is_end and h.last_seen > e.event_time
    union all
    select
        h.session_id,
        null as access_key_id,
        h.began_at,
        e.event_id as end_event_id
    from hats as h
    inner join statuses as e
        on h.actor_account = e.user_account and h.actor_name = e.user_called
    where
        e.is_end
        and h.actor_kind = 'iam-user'
        and (
            e.event_name = 'DeleteUser' or (e.event_name = 'DeleteLoginProfile' and h.by_password)
        )
        and h.last_seen > e.event_time
),

ended as (
    select
        m.session_id,
        e.event_id as end_event_id,
        e.recipient_account_id as end_account
    from matched as m
    inner join statuses as e on m.end_event_id = e.event_id
    where
        not exists (
            select 1
            from statuses as r
            where
                not r.is_end
                and r.event_time > e.event_time
                and r.event_time <= m.began_at
                and (
                    (r.event_name = 'UpdateAccessKey' and r.status_key = e.status_key)
                    or (
                        r.event_name in ('CreateUser', 'CreateLoginProfile')
                        and r.user_account = e.user_account
                        and r.user_called = e.user_called
                    )
                )
        )
    qualify
        row_number() over (partition by m.session_id order by e.event_time, e.event_id) = 1
),

lived_on as (
    select
        a.*,
        n.end_event_id,
        n.end_account
    from attributed_events as a
    inner join ended as n on a.session_id = n.session_id
    union all
    select
        a.*,
        e.event_id as end_event_id,
        e.recipient_account_id as end_account
    from attributed_events as a
    inner join statuses as e
        on a.user_access_key_id = e.status_key and e.is_end and a.event_time > e.event_time
    where
        a.session_id is null
        and not exists (
            select 1
            from statuses as r
            where
                r.status_key = e.status_key
                and r.event_id <> e.event_id
                and r.event_time between e.event_time and a.event_time
        )
),

judged as (
    select
        l.*,
        e.event_name as ended_by,
        e.event_time as ended_at,
        coalesce(
            regexp_matches(
                l.error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from lived_on as l
    inner join statuses as e
        on
            l.end_event_id = e.event_id
            and l.end_account is not distinct from e.recipient_account_id
    where
        l.event_time > e.event_time + interval 5 seconds
        and ($since is null or l.event_time >= $since)
        and ($until is null or l.event_time < $until)
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
        if(session_id is null, user_access_key_id, null) as access_key_id,
        recipient_account_id,
        ended_by,
        ended_at,
        end_event_id,
        event_source,
        event_name,
        count(*) as event_count,
        count(*) filter (where is_denied) as denied_count,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        list(distinct source_ip_address) filter (where source_ip_address is not null)
            as addresses,
        arg_min(event_id, (event_time, event_id)) as first_event_id
    from judged
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
    access_key_id,
    ended_by,
    ended_at,
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
    date_diff('minute', ended_at, max(last_seen)) as minutes_after,
    end_event_id,
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
    access_key_id,
    ended_by,
    ended_at,
    end_event_id
order by ended_at, first_time, event_id
