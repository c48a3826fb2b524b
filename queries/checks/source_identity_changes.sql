-- Sessions whose source identity is not their parent's, or not always the same: it is set once
-- and stays for the whole chain (semantics.md 5; A, gate c). A missing one says nothing.
-- grain: one row per session
-- reads: session_facts, sessions
select
    f.session_id,
    f.source_identity,
    f.least_source_identity,
    p.session_id as parent_session_id,
    p.source_identity as parent_source_identity
from session_facts as f
inner join sessions as c on f.session_id = c.session_id
left join session_facts as p on c.parent_session_id = p.session_id
where
    f.source_identity <> f.least_source_identity
    or f.source_identity <> p.source_identity
