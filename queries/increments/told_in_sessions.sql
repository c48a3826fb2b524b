-- Facts that sessions tell, each of which may be the first of its kind: a person in a role, and
-- a role put on from another. A person counts only where the chain is direct, proven or matched;
-- machines are left out, of which every instance would be new. A role edge rests on its link.
-- grain: one row per fact and session that tells it
-- reads: told_links, told_sessions
with told as (
    select
        s.*,
        s.chain[-1] as worn_role,
        if(s.hops >= 2, s.chain[-2], null) as worn_before,
        l.event_ids[1] as event_id,
        coalesce(l.is_exact, false) as is_exact
    from told_sessions as s
    left join told_links as l on s.session_id = l.session_id
    where s.hops > 0
),

facts as (
    select
        'person-role' as kind,
        concat_ws('|', actor_kind, coalesce(actor_account, ''), actor_name, worn_role)
            as what,
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        evidence,
        worn_role as role_arn,
        null as from_role_arn,
        session_id,
        event_id,
        started_at as first_time
    from told
    where
        evidence in ('direct', 'proven', 'matched')
        and actor_kind not in ('unresolved', 'workload', 'aws-service')
        and actor_name is not null
    union all
    select
        'role-role' as kind,
        concat_ws('|', worn_before, worn_role) as what,
        null as actor_kind,
        null as actor_account,
        null as actor_name,
        null as actor_arn,
        null as actor_display,
        if(is_exact, 'proven', 'matched') as evidence,
        worn_role as role_arn,
        worn_before as from_role_arn,
        session_id,
        event_id,
        started_at as first_time
    from told
    where worn_before is not null
)

select
    substr(md5(kind || '|' || what), 1, 16) as fact_id,
    kind,
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    evidence,
    role_arn,
    from_role_arn,
    split_part(role_arn, ':', 5) as account_id,
    split_part(from_role_arn, ':', 5) as from_account_id,
    session_id,
    event_id,
    first_time
from facts
