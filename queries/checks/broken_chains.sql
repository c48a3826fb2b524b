-- Sessions whose chain does not go on where their parent's ends, or begins somewhere else.
-- grain: one row per session
-- reads: chains, sessions
select
    s.session_id,
    c.chain,
    p.chain as parent_chain
from sessions as s
inner join chains as c on s.session_id = c.session_id
inner join chains as p on s.parent_session_id = p.session_id
where
    s.user_type <> 'IAMUser'
    and (
        c.chain[1:len(p.chain)] <> p.chain
        or len(c.chain) > len(p.chain) + 1
        or c.origin_session_id <> p.origin_session_id
        or c.hops <> len(c.chain)
    )
