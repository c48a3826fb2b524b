-- Credentials that sessions and long-term keys handed out and that no session is proven to be:
-- never seen used, or one of several that a session could have come from.
-- grain: one row per caller, call, role, session name and possible session
-- reads: issued_credentials, session_ids, session_links
-- $session_ids, $access_keys (lists of callers).
with callers as (
    select
        i.issue_id,
        i.issued_at,
        i.expires_at,
        i.event_name,
        i.role_arn,
        i.session_name,
        i.access_key_id,
        i.event_ids,
        coalesce(s.session_id, i.caller_access_key_id) as caller_node
    from issued_credentials as i
    left join session_ids as s
        on
            i.caller_principal_id = s.principal_id
            and i.caller_creation_date is not distinct from s.creation_date
            and i.caller_access_key_id is not distinct from s.access_key_id
    where
        i.issue_kind in ('role', 'root', 'session-token', 'federation', 'certificate', 'other')
        and not coalesce(i.access_key_id like 'AKIA%', false)
        and (
            list_contains($access_keys, i.caller_access_key_id)
            or list_contains($session_ids, s.session_id)
        )
),

used as (
    select
        session_id,
        outcome,
        unnest(issue_ids) as issue_id
    from session_links
),

open_calls as (
    select
        c.*,
        if(u.outcome = 'ambiguous', u.session_id, null) as possible_session_id
    from callers as c
    left join used as u on c.issue_id = u.issue_id
    where u.issue_id is null or u.outcome = 'ambiguous'
)

select
    o.caller_node as parent_id,
    o.event_name,
    o.role_arn,
    o.session_name,
    o.possible_session_id,
    count(*) as calls,
    min(o.issued_at) as first_time,
    max(o.issued_at) as last_time,
    max(o.expires_at) as expires_at,
    list_sort(list(distinct o.access_key_id) filter (o.access_key_id is not null))
        as access_key_ids,
    list_sort(list_distinct(flatten(list(o.event_ids)))) as event_ids
from open_calls as o
group by all
order by first_time, o.role_arn, o.session_name, o.possible_session_id
