-- Sessions that are their own ancestor: they, or a session above them, stand in a ring of
-- parents. Only broken records make one; such chains name nobody.
-- grain: one row per session
-- reads: chains, sessions
select
    s.session_id,
    s.parent_session_id
from sessions as s
inner join chains as c on s.session_id = c.session_id
where c.origin = 'ring' or s.parent_session_id = s.session_id
