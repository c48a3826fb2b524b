-- The path from sessions up to where each began: the session itself, its parent, and so on.
-- grain: one row per session asked for and session on its path
-- reads: sessions
-- $session_ids (list). A ring of parents, which only broken records make, ends the path.
with recursive parents as materialized (
    select
        session_id,
        parent_session_id
    from sessions
),

walk as (
    select
        session_id as root_id,
        session_id,
        parent_session_id,
        0 as step,
        [session_id] as trail
    from parents
    where list_contains($session_ids, session_id)
    union all
    select
        w.root_id,
        p.session_id,
        p.parent_session_id,
        w.step + 1 as step,
        list_append(w.trail, p.session_id) as trail
    from walk as w
    inner join parents as p on w.parent_session_id = p.session_id
    where not list_contains(w.trail, p.session_id)
)

select
    root_id,
    session_id,
    step
from walk
order by root_id, step desc
