-- Sessions that began before the session that issued them (semantics.md A, gate a). Sign-in and
-- `aws login` sessions may begin in the same second as their parent.
-- grain: one row per session and parent
-- reads: sessions
select
    c.session_id,
    c.session_creation_date,
    p.session_id as parent_session_id,
    p.session_creation_date as parent_creation_date
from sessions as c
inner join sessions as p on c.parent_session_id = p.session_id
where c.session_creation_date < p.session_creation_date
