-- Sessions without a chain, or with several.
-- grain: one row per session
-- reads: chains, session_ids
select
    s.session_id,
    count(c.session_id) as chains
from (select distinct i.session_id from session_ids as i) as s
left join chains as c on s.session_id = c.session_id
group by s.session_id
having count(c.session_id) <> 1
