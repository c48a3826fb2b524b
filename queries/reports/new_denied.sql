-- What the callers of bursts of denied calls were denied, from where, and who they are.
-- grain: one row per principal id and UTC day
-- reads: attributed_events
-- $principals (list of principal ids or ARNs), $since (inclusive), $until (exclusive). An actor
-- is given where all the denied calls have one and the same. `retried_calls`: refused AssumeRole
-- calls whose role opened to the same caller within five minutes, as one does that was just made.
with assumptions as (
    select
        event_id,
        recipient_account_id,
        error_code,
        count(*) filter (where error_code is null) over (
            partition by
                coalesce(user_principal_id, user_arn),
                coalesce(
                    request_parameters ->> '$.roleArn',
                    nullif(regexp_extract(error_message, 'on resource: (\S+)', 1), ''),
                    event_id
                )
            order by event_time
            range between current row and interval 5 minutes following
        ) > 0 as is_opened
    from attributed_events
    where
        event_time >= $since
        and event_time < $until::timestamptz + interval 5 minutes
        and event_source = 'sts.amazonaws.com'
        and event_name = 'AssumeRole'
        and list_contains($principals, coalesce(user_principal_id, user_arn))
),

denied as (
    select
        event_id,
        recipient_account_id,
        coalesce(user_principal_id, user_arn) as principal_id,
        event_time::date as day,
        {
            'actor_kind': actor_kind,
            'actor_account': actor_account,
            'actor_name': actor_name,
            'actor_arn': actor_arn,
            'actor_display': actor_display,
            'claimed_actor': claimed_actor,
            'claim_source': claim_source,
            'chain': chain,
            'evidence': evidence
        } as actor,
        event_source,
        event_name,
        event_time,
        source_ip_address
    from attributed_events
    where
        event_time >= $since
        and event_time < $until
        and list_contains($principals, coalesce(user_principal_id, user_arn))
        and regexp_matches(
            error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
        )
    qualify
        row_number() over (
            partition by
                coalesce(user_principal_id, user_arn), coalesce(shared_event_id, event_id)
            order by event_id, recipient_account_id
        ) = 1
),

actions as (
    select
        principal_id,
        day,
        list(
            {'service': event_source, 'action': event_name, 'events': n, 'denied': 0}
            order by n desc, event_source asc, event_name asc
        ) as actions
    from (
        select
            principal_id,
            day,
            event_source,
            event_name,
            count(*) as n
        from denied
        group by all
    ) as counted
    group by principal_id, day
)

select
    d.principal_id,
    d.day,
    if(count(distinct d.actor) = 1, any_value(d.actor), null) as actor,
    any_value(a.actions) as actions,
    list_sort(list(distinct d.source_ip_address)) as source_addresses,
    count(*) filter (where o.is_opened) as retried_calls,
    max(d.event_time) as last_time
from denied as d
inner join actions as a on d.principal_id = a.principal_id and d.day = a.day
left join assumptions as o
    on
        d.event_id = o.event_id
        and d.recipient_account_id is not distinct from o.recipient_account_id
group by d.principal_id, d.day
order by d.principal_id, d.day
