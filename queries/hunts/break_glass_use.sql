-- Use of break-glass roles: who put one on, who was refused, and what was done under it.
-- grain: one row per kind of use, actor, chain of roles and session
-- $role list, required: the roles: names, ARNs or patterns.
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1078.004
-- blind spots: A refusal is recorded in the caller's account only. What was put on in an account
-- whose trail is not in the lake is seen being put on, not being used.
-- reads: attributed_events, sessions
with worn as (
    select session_id
    from sessions
    where
        len(
            list_filter(
                chain,
                lambda r: len(
                    list_filter(
                        $role,
                        lambda w: lower(r) glob lower(w)
                        or lower(regexp_extract(r, '[^/:]*$')) glob lower(w)
                    )
                ) > 0
            )
        ) > 0
),

puts as (
    select
        *,
        coalesce(
            [
                r ->> '$.ARN'
                for r in try_cast(resources as json[])
                if (r ->> '$.type') = 'AWS::IAM::Role'
            ][1],
            request_parameters ->> '$.roleArn',
            regexp_extract(error_message, 'on resource: (\S+)', 1)
        ) as put_role
    from attributed_events
    where event_source = 'sts.amazonaws.com' and event_name like 'AssumeRole%'
),

uses as (
    select
        if(error_code is null, 'put on', 'refused') as kind_of_use,
        * exclude (put_role)
    from puts
    where
        len(
            list_filter(
                $role,
                lambda w: lower(put_role) glob lower(w)
                or lower(regexp_extract(put_role, '[^/:]*$')) glob lower(w)
            )
        ) > 0
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
    qualify
        row_number() over (
            partition by coalesce(shared_event_id, event_id)
            order by user_type = 'AWSAccount', event_id
        ) = 1
    union all by name
    select
        'used' as kind_of_use,
        *
    from attributed_events
    where
        session_id in (select w.session_id from worn as w)
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

judged as (
    select
        *,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied
    from uses
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
        kind_of_use,
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
    kind_of_use,
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
    kind_of_use,
    session_id
order by first_time, event_id
