-- Callers who were refused several roles in one day: somebody tries which roles open.
-- grain: one row per actor, chain of roles, session and UTC day
-- $least integer = 3: at least so many different roles refused.
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: medium
-- technique: T1580
-- blind spots: Probing spread over days (`-p least=1` shows all), and probing from accounts whose
-- trail is not in the lake: a refusal is recorded with the caller only. Roles are read from the
-- error message; a message without one counts as one unknown role. A refused role that opens to
-- the same caller within five minutes is no probe, as IAM takes a while to know a new role or
-- trust everywhere (terraform tries again); it is under `opened_later`, and `-p least=0` shows
-- callers who had no others. Whoever lets himself in by changing a trust policy looks the same:
-- `trust_change_used` finds that.
-- reads: attributed_events
with calls as (
    select
        *,
        coalesce(
            [
                r ->> '$.ARN'
                for r in try_cast(resources as json[])
                if (r ->> '$.type') = 'AWS::IAM::Role'
            ][1],
            request_parameters ->> '$.roleArn',
            nullif(regexp_extract(error_message, 'on resource: (\S+)', 1), ''),
            'unknown'
        ) as tried_role,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from attributed_events
    where
        event_source = 'sts.amazonaws.com'
        and event_name like 'AssumeRole%'
        and user_type is distinct from 'AWSService'
),

followed as (
    select
        *,
        tried_role <> 'unknown'
        and count(*) filter (where error_code is null) over (
            partition by coalesce(session_id, user_principal_id, user_arn), tried_role
            order by event_time
            range between current row and interval 5 minutes following
        ) > 0 as is_opened
    from calls
),

tries as (
    select
        *,
        is_denied and not is_opened as is_probe,
        is_denied and is_opened as is_retried
    from followed
    where
        ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
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
    event_date as on_day,
    min(event_time) filter (where is_denied) as first_time,
    max(event_time) filter (where is_denied) as last_time,
    count(distinct tried_role) filter (where is_probe) as roles_denied,
    count(*) filter (where is_denied) as denied,
    coalesce(list_sort(list(distinct tried_role) filter (where is_probe)), []) as refused_roles,
    coalesce(list_sort(list(distinct tried_role) filter (where is_retried)), [])
        as opened_later,
    coalesce(list_sort(list(distinct tried_role) filter (where error_code is null)), [])
        as opened_roles,
    coalesce(
        list_sort(list(distinct source_ip_address) filter (where source_ip_address is not null)),
        []
    ) as source_addresses,
    arg_min(event_id, (event_time, event_id)) filter (where is_denied) as event_id
from tries
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
    event_date
having
    count(*) filter (where is_denied) > 0
    and count(distinct tried_role) filter (where is_probe) >= $least
order by first_time, event_id
