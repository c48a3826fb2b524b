-- Everything that came out of sessions and long-term keys: the sessions that they issued, in
-- any account, the long-term keys that they made, and what came out of those.
-- grain: one row per root, node and way to it
-- reads: issued_credentials, session_ids, session_links, sessions
-- $roots (list of session ids and AKIA keys).
with recursive edges as materialized (
    select
        parent_session_id as parent_id,
        session_id as node_id
    from sessions
    where parent_session_id is not null
    union
    select
        caller_access_key_id as parent_id,
        session_id as node_id
    from session_links
    where parent_session_id is null and caller_access_key_id like 'AKIA%'
    union
    select
        coalesce(s.session_id, i.caller_access_key_id) as parent_id,
        i.access_key_id as node_id
    from issued_credentials as i
    left join session_ids as s
        on
            i.caller_principal_id = s.principal_id
            and i.caller_creation_date is not distinct from s.creation_date
            and i.caller_access_key_id is not distinct from s.access_key_id
    where i.access_key_id like 'AKIA%'
),

walk as (
    select
        unnest($roots) as root_id,
        root_id as node_id,
        null::varchar as parent_id,
        0 as level,
        [root_id] as trail
    union all
    select
        w.root_id,
        e.node_id,
        e.parent_id,
        w.level + 1 as level,
        list_append(w.trail, e.node_id) as trail
    from walk as w
    inner join edges as e on w.node_id = e.parent_id
    where not list_contains(w.trail, e.node_id)
)

select
    root_id,
    node_id,
    parent_id,
    level
from walk
order by level, root_id, node_id
